#!/usr/bin/env python3
"""Measures how chronus grows with voices, modules, length and jobs, and draws it.

    python3 benches/scaling.py [CHRONUS]

CHRONUS is target/release/chronus unless it is given. Writes docs/scaling.svg and the tables in docs/scaling.md, in less than
ten minutes. Standard library only; needs Linux, for the peak of memory.

Whole processes are measured: what the kernel counts for them (wait4), so reading, checking, planning, measuring and writing are in
it. The sound goes to /dev/null. Each time is the median of three rounds over all points; what takes less than a fifth of a
second is run often enough to fill it. Memory hardly varies and is measured once. "Prepare" is the same song cut to 4 ms, so that all is made ready and next to nothing is
rendered.
"""
import ctypes
import math
import os
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RATE = 48_000
ROUNDS = 3
FILL = 0.2
# A bar of one 64th at 960 quarters a minute, in which nothing rings on, is 188 frames long.
SHORTEST = 'tempo=960 meter="1/64" bars=1 tail=0'
PR_SET_CHILD_SUBREAPER = 36


def seconds(length):
    """The head of a song that lasts so long: bars of two seconds."""
    return f"tempo=120 bars={round(length / 2)} tail=0"


def voices(count, head):
    lines = [f"song {head}"]
    for v in range(count):
        lines.append(f"""
instrument v{v} gain={0.2 / math.sqrt(count):.6f} pan={2 * (v + 0.5) / count - 1:.6f} {{
    saw osc freq={55 * 2 ** (v % 32 / 8.3):.6f}
    lfo sweep rate={0.1 + 0.003 * v:.6f}
    ladder filter cutoff=1200 resonance=0.38
    adsr env attack="10ms" decay="100ms" sustain=0.6 release="150ms"
    route sweep -> filter.cutoff by="800Hz"
    route osc -> filter -> out vca=env
}}
route v{v} -> out
track v{v} X grid="1/4" length=0.6""")
    return "\n".join(lines) + "\n"


def chain(count, head):
    lines = [f"song {head}", "saw source freq=110"]
    lines += [f"lowpass m{k} cutoff=15000" for k in range(count)]
    lines += ["route source -> " + " -> ".join(f"m{k}" for k in range(count)) + " -> out gain=0.2"]
    return "\n".join(lines) + "\n"


def length(minutes, _):
    return f"""song {seconds(60 * minutes)}
instrument bass {{
    saw osc octave=-1
    ladder filter cutoff="300Hz" resonance=0.5
    adsr env attack="2ms" decay="120ms" sustain=0.3 release="80ms"
    route env -> filter.cutoff by="3oct"
    route osc -> filter -> out vca=env
}}
instrument hat gain=0.2 {{
    noise hiss
    decay env time="60ms"
    route hiss -> out vca=env
}}
route bass hat -> out gain=0.5
track bass "X..x ..x. X~x. x*2.g." notes="a2 a2 c3 g2"
track hat "x.x. x.xx"
"""


class Panel:
    """One thing that grows: its songs, and what was measured of them."""

    def __init__(self, key, title, unit, points, song, head=None, jobs=None):
        self.key, self.title, self.unit, self.points = key, title, unit, points
        self.song, self.head, self.jobs = song, head, jobs
        # For each point: CPU seconds, elapsed seconds, peak bytes; and the CPU seconds of its shortest form.
        self.cpu, self.wall, self.peak, self.prepare = {}, {}, {}, {}

    def has_prepare(self):
        return self.head is not None


def panels():
    eight = seconds(8)
    cores = len(os.sched_getaffinity(0))
    return [
        Panel("voices", "Voices", "", [2**k for k in range(11)], voices, eight),
        Panel("modules", "Modules", "in a chain", [2**k for k in range(10)], chain, eight),
        Panel("length", "Length", "min", [1, 4, 15, 60, 240], length),
        Panel("jobs", "Jobs", "", range(1, cores + 1), lambda _, head: voices(64, head), seconds(16), jobs=True),
    ]


def run(arguments):
    """CPU seconds and elapsed seconds of one process."""
    null = [(os.POSIX_SPAWN_OPEN, fd, "/dev/null", os.O_RDWR, 0) for fd in (0, 1, 2)]
    start = time.perf_counter()
    pid = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=null)
    _, status, usage = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if status != 0:
        sys.exit(f"{' '.join(arguments)} failed")
    return usage.ru_utime + usage.ru_stime, wall


def timed(arguments):
    """The means of as many runs as fill a fifth of a second."""
    results = [run(arguments)]
    while sum(wall for _, wall in results) < FILL:
        results.append(run(arguments))
    return tuple(statistics.fmean(column) for column in zip(*results))


def peak(arguments):
    """Bytes of memory at the most. A process starts with the peak of whatever started it, so a shell does, which is small,
    and ends at once; the process is then ours."""
    shell = ["/bin/sh", "-c", '"$@" </dev/null >/dev/null 2>&1 &', "sh", *arguments]
    first = os.posix_spawn(shell[0], shell, os.environ)
    found = None
    for _ in range(2):
        pid, _, usage = os.wait4(-1, 0)
        if pid != first:
            found = usage.ru_maxrss * 1024
    return found


def measure(chronus, all_panels):
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)

        def render(name, text, jobs):
            path = folder / f"{name}.kdl"
            path.write_text(text)
            return [chronus, "render", str(path), "-o", "/dev/null", "--jobs", str(jobs)]

        rounds = {}
        for count in range(ROUNDS):
            for panel in all_panels:
                for point in panel.points:
                    jobs = point if panel.jobs else 1
                    whole = render(f"{panel.key}-{point}", panel.song(point, panel.head), jobs)
                    now = [*timed(whole)]
                    if count == 0:
                        panel.peak[point] = peak(whole)
                    if panel.has_prepare():
                        short = render(f"{panel.key}-{point}-short", panel.song(point, SHORTEST), jobs)
                        now.append(timed(short)[0])
                    rounds.setdefault((panel, point), []).append(now)
                    print(f"round {count + 1}: {panel.key} {point}: {now[0]:.4f} s", file=sys.stderr)
    for (panel, point), measured in rounds.items():
        middle = [statistics.median(column) for column in zip(*measured)]
        panel.cpu[point], panel.wall[point] = middle[:2]
        if panel.has_prepare():
            panel.prepare[point] = middle[2]


# The drawing.

WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 62, 14, 34, 44
STYLE = """
  .page { fill: #ffffff } text { fill: #24292f; font: 12px sans-serif } .title { font-weight: bold }
  .grid { stroke: #d0d7de; stroke-width: 1 } .small { font-size: 11px }
  .reference { stroke: #8c959f; stroke-width: 1.5; stroke-dasharray: 5 4 }
  .a { stroke: #0969da } .b { stroke: #bc4c00 } .fa { fill: #0969da } .fb { fill: #bc4c00 } .fr { fill: #6e7781 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } text { fill: #e6edf3 } .grid { stroke: #30363d } .reference { stroke: #7d8590 }
    .a { stroke: #58a6ff } .b { stroke: #ffa657 } .fa { fill: #58a6ff } .fb { fill: #ffa657 } .fr { fill: #9198a1 }
  }
"""


def decades(low, high):
    """Powers of ten around what is between `low` and `high`."""
    return math.floor(math.log10(low)), math.ceil(math.log10(high) - 1e-9)


def amount(exponent):
    return f"{10.0**exponent:g}"


def draw(x0, y0, title, x_label, y_label, series, note):
    """One chart: `series` are (class, name, {x: y}); the dashed line grows in proportion and meets the first one's last point."""
    xs = sorted({x for _, _, values in series for x in values})
    ys = [y for _, _, values in series for y in values.values()]
    low, high = decades(min(ys), max(ys))
    high = max(high, low + 1)
    span = max(math.log(xs[-1] / xs[0]), 1e-9)
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def at(x, y):
        across = LEFT + (right - LEFT) * math.log(x / xs[0]) / span
        up = (math.log10(y) - low) / (high - low)
        return x0 + across, y0 + bottom - (bottom - TOP) * up

    out = [f'<text class="title" x="{x0 + LEFT}" y="{y0 + 20}">{title}</text>']
    for exponent in range(low, high + 1):
        _, y = at(xs[0], 10.0**exponent)
        out.append(f'<line class="grid" x1="{x0 + LEFT}" x2="{x0 + right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text class="small" text-anchor="end" x="{x0 + LEFT - 6}" y="{y + 4:.1f}">{amount(exponent)}</text>')
    for place, x in enumerate(xs):
        across, _ = at(x, 10.0**low)
        out.append(f'<line class="grid" x1="{across:.1f}" x2="{across:.1f}" y1="{y0 + TOP}" y2="{y0 + bottom}"/>')
        if len(xs) < 8 or (len(xs) - 1 - place) % 2 == 0:
            out.append(
                f'<text class="small" text-anchor="middle" x="{across:.1f}" y="{y0 + bottom + 16}">{x}</text>')
    middle = y0 + (TOP + bottom) / 2
    out.append(f'<text class="small" text-anchor="middle" x="{x0 + (LEFT + right) / 2}" y="{y0 + bottom + 34}">{x_label}</text>')
    out.append(f'<text class="small" text-anchor="middle" x="{x0 + 14}" y="{middle}" '
               f'transform="rotate(-90 {x0 + 14} {middle})">{y_label}</text>')
    # From the last point down to where it leaves the chart; what is to shrink goes from the first point.
    values = series[0][2]
    slope = -1 if note == "ideal" else 1
    x_from, y_from = (xs[0], values[xs[0]]) if slope < 0 else (xs[-1], values[xs[-1]])
    points = []
    for step in range(101) if note else ():
        x = xs[0] * math.exp(span * step / 100)
        y = y_from * (x / x_from) ** slope
        if 10.0**low <= y <= 10.0**high:
            points.append(at(x, y))
    if len(points) > 1:
        (xa, ya), (xb, yb) = points[0], points[-1]
        out.append(f'<line class="reference" x1="{xa:.1f}" y1="{ya:.1f}" x2="{xb:.1f}" y2="{yb:.1f}"/>')
    for kind, _, values in series:
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (at(x, values[x]) for x in sorted(values)))
        out.append(f'<polyline class="{kind}" fill="none" stroke-width="2" points="{line}"/>')
        for x in sorted(values):
            cx, cy = at(x, values[x])
            out.append(f'<circle class="f{kind}" cx="{cx:.1f}" cy="{cy:.1f}" r="3"/>')
    legend = [(f"f{kind}", name) for kind, name, _ in series] + ([("fr", note)] if note else [])
    x = x0 + right
    for kind, name in reversed(legend):
        out.append(f'<text class="small {kind}" text-anchor="end" x="{x}" y="{y0 + 20}">{name}</text>')
        x -= 7 * len(name) + 10
    return out


def svg(all_panels):
    out = []
    for row, panel in enumerate(all_panels):
        y = row * HEIGHT
        x_label = panel.title.lower() + (f" ({panel.unit})" if panel.unit else "")
        if panel.jobs:
            times = [("a", "elapsed", panel.wall), ("b", "CPU", panel.cpu)]
            out += draw(0, y, panel.title, x_label, "seconds", times, "ideal")
        else:
            times = [("a", "whole", panel.cpu)]
            if panel.has_prepare():
                times.append(("b", "prepare", panel.prepare))
            out += draw(0, y, panel.title, x_label, "CPU seconds", times, "in proportion")
        memory = {point: size / 1e6 for point, size in panel.peak.items()}
        note = "" if panel.jobs else "in proportion"
        out += draw(WIDTH, y, "", x_label, "peak memory (MB)", [("a", "memory", memory)], note)
    width, height = 2 * WIDTH, len(all_panels) * HEIGHT
    head = (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
            f'role="img"><title>How chronus grows with voices, modules, length and jobs</title><style>{STYLE}</style>'
            f'<rect class="page" width="{width}" height="{height}"/>')
    return head + "\n" + "\n".join(out) + "\n</svg>\n"


def table(panel):
    """A panel as Markdown."""
    frames = {"voices": 8 * RATE, "modules": 8 * RATE}.get(panel.key)
    head = [panel.title.lower() + (f" ({panel.unit})" if panel.unit else ""), "CPU (ms)", "elapsed (ms)"]
    if panel.has_prepare():
        head.append("prepare (ms CPU)")
    head.append("peak memory (MB)")
    if frames:
        head.append(f"ns for each frame of each {'voice' if panel.key == 'voices' else 'module'}")
    rows = [head, ["---:"] * len(head)]
    for point in panel.points:
        row = [str(point), f"{1e3 * panel.cpu[point]:.1f}", f"{1e3 * panel.wall[point]:.1f}"]
        if panel.has_prepare():
            row.append(f"{1e3 * panel.prepare[point]:.1f}")
        row.append(f"{panel.peak[point] / 1e6:.1f}")
        if frames:
            row.append(f"{1e9 * (panel.cpu[point] - panel.prepare[point]) / frames / point:.2f}")
        rows.append(row)
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def processor():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "an unknown processor"


def write(all_panels):
    (ROOT / "docs/scaling.svg").write_text(svg(all_panels))
    start, end = "<!-- tables: written by benches/scaling.py -->\n", "<!-- end of tables -->"
    path = ROOT / "docs/scaling.md"
    before, rest = path.read_text().split(start, 1)
    _, after = rest.split(end, 1)
    cores = len(os.sched_getaffinity(0))
    parts = [f"Measured on {processor()}, {cores} cores."]
    parts += [f"### {panel.title}\n\n{table(panel)}" for panel in all_panels]
    path.write_text(before + start + "\n" + "\n\n".join(parts) + "\n\n" + end + after)


def main():
    chronus = sys.argv[1] if len(sys.argv) > 1 else str(ROOT / "target/release/chronus")
    if ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        sys.exit("this needs Linux")
    all_panels = panels()
    measure(chronus, all_panels)
    write(all_panels)


if __name__ == "__main__":
    main()
