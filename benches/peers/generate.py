#!/usr/bin/env python3
"""Writes the ten workloads of the comparison with other engines as songs, from their numbers.

    python3 benches/peers/generate.py

Standard library only. The numbers are those of the comparison's WORKLOADS.md; docs/benchmarks.md says how to run it.
"""
import math
import pathlib

HERE = pathlib.Path(__file__).resolve().parent
NAMES = ["c", "c#", "d", "d#", "e", "f", "f#", "g", "g#", "a", "a#", "b"]


def number(x):
    return f"{x:.9f}".rstrip("0").rstrip(".")


def note(midi):
    return f"{NAMES[midi % 12]}{midi // 12 - 1}"


def write(name, text):
    head = f"// Written by generate.py: the workload `{name}` of the comparison with other engines.\n"
    (HERE / f"{name}.kdl").write_text(head + text)


def osc(name, seconds, count=64):
    # A bar of one sixteenth lasts as long as the whole render.
    lines = [f'song "{name}" tempo={number(15 / seconds)} meter="1/16" bars=1 tail=0\n'] if seconds < 1 else [
        f'song "{name}" tempo=120 bars={round(seconds / 2)} tail=0\n']
    lines += [f"sine s{k} freq={number(110 + 61.7 * k)}" for k in range(count)]
    ids = " ".join(f"s{k}" for k in range(count))
    lines += ["", "sum mix", f"route {ids} -> mix gain={number(0.9 / 64)}", "route mix -> out"]
    write(name, "\n".join(lines) + "\n")


def voices(name, seconds, count, filter_line):
    lines = [f'song "{name}" tempo=120 bars={round(seconds / 2)} tail=0']
    for v in range(count):
        a, b = v % 32, v // 32
        freq = 55.0 * 2 ** (a / 8.3) * (1 + 0.003 * b)
        lfo = 0.1 + 0.03 * a + 0.001 * b
        gain = 0.25 / math.sqrt(count) * math.sqrt(0.5)
        pan = 2 * (v + 0.5) / count - 1
        lines.append(f"""
instrument v{v} gain={number(gain)} pan={number(pan)} {{
    saw osc freq={number(freq)}
    lfo sweep rate={number(lfo)}
    {filter_line}
    adsr env attack="10ms" decay="100ms" sustain=0.6 release="150ms" curve=linear
    route sweep -> filter.cutoff by="800Hz"
    route osc -> filter -> out vca=env
}}
route v{v} -> out
track v{v} X grid="1/4" length=0.6 nudge="{number(100 * v / count)}\"""")
    write(name, "\n".join(lines) + "\n")


# 0.4 of self-oscillation, which begins at 0.95.
LADDER = "ladder filter cutoff=1200 resonance=0.38"
TWO_POLE = "lowpass filter cutoff=1200 q=2"


def reverb(name, room, damp):
    """A reverb of Freeverb's room size and damping: its combs' feedback as the time to fall by 60 dB."""
    feedback = room * 0.28 + 0.7
    # The mean comb of Freeverb is 1356 samples at 44.1 kHz.
    time = -3 * (1356 / 44100) / math.log10(feedback)
    return f"reverb {name} time={number(time)} damp={number(damp)}"


def fx(name):
    lines = [f'song "{name}" tempo=120 bars=30 tail=0', "", "saw source freq=110", "sum mix"]
    lines += [reverb(f"r{j}", 0.60 + 0.04 * j, 0.30 + 0.05 * j) for j in range(8)]
    ids = " ".join(f"r{j}" for j in range(8))
    lines += [f"route source -> {ids} gain=0.2", f"route {ids} -> mix gain=0.125", "route mix -> out"]
    write(name, "\n".join(lines) + "\n")


CHORDS = [[57, 60, 64, 69], [53, 57, 60, 65], [52, 55, 60, 64], [55, 59, 62, 67]]
BASS_NOTES = [33, 29, 36, 31]
BASS = "X..x..X...x.X.x."
LEAD = [69, 72, 76, 74, 72, 67, 69, 64, 65, 69, 72, 71, 67, 74, 76, 72]
ARP_ORDER = [0, 1, 2, 3, 2, 1]
# Equal power here is 1 at the centre, there 0.7071.
CENTRE = number(math.sqrt(0.5))
PAD_PANS = [-0.6, -0.2, 0.2, 0.6]


def song(name):
    # A chord lasts 32 steps: two passes of the bass's and of the arpeggio's patterns.
    signs = BASS.replace(".", "") * 2
    bass = " ".join(note(BASS_NOTES[c] + (12 if s == "x" else 0)) for c in range(4) for s in signs)
    arp = " ".join(f"{{4 {' '.join(note(CHORDS[c][i] + 12) for i in ARP_ORDER)}}}" for c in range(4))
    lead = " ".join(note(midi) for midi in LEAD)
    pads = "".join(f"""
instrument pad{i} {{
    saw osc
    lfo drift rate="0.1Hz"
    lowpass tone cutoff=900 q=0.9
    adsr env attack=1 decay=0 sustain=1 release=1 curve=linear
    route drift -> tone.cutoff by="500Hz"
    route osc -> tone -> out vca=env gain=0.07
}}
""" for i in range(4))
    pad_routes = "\n".join(f"route pad{i} -> mix pan={PAD_PANS[i]} gain={CENTRE}" for i in range(4))
    pad_tracks = "\n".join(
        f'track pad{i} X grid="2bars" length=0.75 notes="{" ".join(note(c[i]) for c in CHORDS)}"'
        for i in range(4))
    write(name, f"""song "{name}" tempo=120 bars=60 tail=0

instrument kick gain=0.8 {{
    sine osc freq=50
    decay drop time=0.12 curve=3
    decay env time=0.3 curve=3
    route drop -> osc.freq by="150Hz"
    route osc -> out vca=env
}}

instrument snare {{
    noise hiss
    bandpass band freq=1800 q=1
    decay long time=0.2 curve=3
    sine body freq=185
    decay short time=0.12 curve=3
    route hiss -> band -> out vca=long gain=0.5
    route body -> out vca=short gain=0.35
}}

instrument hat gain=0.25 {{
    noise hiss
    highpass edge cutoff=7000
    decay env time=0.06 curve=3
    route hiss -> edge -> out vca=env
}}

instrument bass gain=0.45 {{
    saw osc
    ladder filter cutoff=200 resonance=0.38
    decay sweep time=0.2 curve=1
    adsr env attack=0.005 decay=0.08 sustain=0.6 release=0.08 curve=linear
    route sweep -> filter.cutoff by="2400Hz"
    route osc -> filter -> out vca=env
}}

instrument lead gain=0.22 {{
    square osc
    lowpass filter cutoff=2200 q=2
    adsr env attack=0.01 decay=0.1 sustain=0.5 release=0.15 curve=linear
    route osc -> filter -> out vca=env
}}
{pads}
instrument arp gain=0.2 {{
    triangle osc
    decay env time=0.22 curve=3
    route osc -> out vca=env
}}

instrument riser gain=0.15 {{
    noise hiss
    bandpass band freq=300 q=2
    adsr rise attack=8 decay=0 sustain=1 release=0.005 curve=linear
    route rise -> band.freq by="{number(math.log2(20))}oct"
    route hiss -> band -> out vca=rise
}}

delay echo-left time=0.375 feedback=0.4
delay echo-right time=0.25 feedback=0.4
{reverb("hall", 0.8, 0.4)}
distortion master shape=tanh oversample=x1 drive=1.2
sum mix
sum to-echo
sum to-hall

route kick snare bass riser -> mix gain={CENTRE}
route hat -> mix pan=0.3 gain={CENTRE}
{pad_routes}
route lead -> mix pan=-0.2 gain={CENTRE}
route arp -> mix pan=0.2 gain={CENTRE}
route lead -> to-echo gain=0.35
route arp -> to-echo gain=0.3
route to-echo -> echo-left
route to-echo -> echo-right
route echo-left -> mix pan=-1 gain={CENTRE}
route echo-right -> mix pan=1 gain={CENTRE}
route echo-left echo-right -> to-hall gain=0.1
route snare -> to-hall gain=0.15
route lead -> to-hall gain=0.2
route pad0 pad1 pad2 pad3 -> to-hall gain=0.4
route arp -> to-hall gain=0.15
route riser -> to-hall gain=0.2
route to-hall -> hall -> mix
route mix -> master -> out

track kick X...X...X...X...X...X...X..xX.x.
track snare ....X.......X.......X.......X.xx
track hat x.x.X.x.x.x.X.xx
track bass {BASS} length=0.8 notes="{bass}"
track lead X..x..x...X.x...X..x..x.x...X...X..x..x...X.x.x.x.x.X...X....... length=1.6 notes="{lead}"
track arp x.xxX.xxx.xxX.xx notes="{arp}"
{pad_tracks}
track riser ".X" grid="4bars" length=1
""")


def main():
    osc("start", 0.1)
    osc("osc64", 60)
    voices("voices32", 60, 32, LADDER)
    voices("voices32s", 60, 32, TWO_POLE)
    song("song")
    fx("fx")
    for count in (1, 8, 64, 256):
        voices(f"scale{count}", 30, count, LADDER)


if __name__ == "__main__":
    main()
