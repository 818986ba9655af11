"use strict";

// Everything that comes from a song is put in as text, never as markup.

const songs = JSON.parse(document.getElementById("data").textContent);
const SIDES = ["a", "b", "d"];
const CALLED = { a: "A", b: "B", d: "Difference" };
/** The difference is brought to this level to be heard, and no higher than by this factor. */
const HEARD = 0.7, MOST = 1000;
/** Seconds in which one sound gives way to another, and that are needed to get it ready. */
const FADE = 0.008, SOON = 0.03;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const dark = matchMedia("(prefers-color-scheme: dark)");

function make(kind, attributes = {}, ...inside) {
  const node = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...inside);
  return node;
}

const clamp = (value, least, most) => Math.min(most, Math.max(least, value));
const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const decibels = gain => 20 * Math.log10(gain);
const signed = value => (value < 0 ? "−" : "+") + Math.abs(value).toFixed(1);

function bytes(text) {
  const plain = atob(text), array = new Uint8Array(plain.length);
  for (let i = 0; i < plain.length; i++) array[i] = plain.charCodeAt(i);
  return array;
}

function clock(seconds) {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  return Math.floor(tenths / 600) + ":" + String(Math.floor(tenths / 10) % 60).padStart(2, "0") + "." + tenths % 10;
}

// Places: frames on the axis that A and B share.

function barAt(song, place) {
  let low = 0, high = song.bars.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (song.bars[middle].start <= place) low = middle; else high = middle - 1;
  }
  return low;
}

/** The frame of a side at a place, and the place of a frame. They differ where one of them is faster. */
function frameAt(song, side, place) {
  const bar = song.bars[barAt(song, place)], [from, to] = bar[side];
  return from + (place - bar.start) * (bar.even || !bar.length ? 1 : (to - from) / bar.length);
}

function placeAt(song, side, frame) {
  let index = song.bars.findLastIndex(bar => bar[side][0] <= frame && bar[side][1] > bar[side][0]);
  const bar = song.bars[Math.max(0, index)], [from, to] = bar[side];
  return bar.start + (frame - from) * (bar.even || to === from ? 1 : bar.length / (to - from));
}

const barName = bar => (/^\d+$/.test(bar.name) ? "bar " + bar.name : bar.name) + (bar.section ? " (" + bar.section + ")" : "");

// Sound.

const player = { context: null, sounding: null, lane: "b", loops: false, true: false, wanted: 0 };

/** The sounds of a passage at their true levels: A and what is left make B. */
function decoded(passage) {
  passage.sounds ??= (async () => {
    // Decoded as it is written, without a player and at any time.
    let context;
    try { context = new OfflineAudioContext(2, 1, passage.rate); } catch { context = new OfflineAudioContext(2, 1, 44100); }
    const sounds = {};
    for (const side of SIDES) {
      if (!passage[side]) continue;
      const buffer = await context.decodeAudioData(bytes(passage[side].flac).buffer);
      for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
        const samples = buffer.getChannelData(channel), level = passage[side].level;
        for (let i = 0; i < samples.length; i++) samples[i] *= level;
      }
      sounds[side] = buffer;
    }
    if (sounds.a && sounds.d) {
      const { a, d } = sounds, channels = Math.max(a.numberOfChannels, d.numberOfChannels);
      const b = context.createBuffer(channels, Math.max(a.length, d.length), a.sampleRate);
      for (let channel = 0; channel < channels; channel++) {
        const sum = b.getChannelData(channel);
        for (const part of [a, d]) {
          const samples = part.getChannelData(Math.min(channel, part.numberOfChannels - 1));
          for (let i = 0; i < samples.length; i++) sum[i] += samples[i];
        }
      }
      sounds.b = b;
    }
    const peak = buffer => {
      let most = 0;
      for (let channel = 0; channel < (buffer?.numberOfChannels ?? 0); channel++) {
        for (const sample of buffer.getChannelData(channel)) most = Math.max(most, Math.abs(sample));
      }
      return most;
    };
    // What is over full scale is turned down, A and B alike.
    const most = Math.max(peak(sounds.a), peak(sounds.b)), left = peak(sounds.d);
    passage.trim = most > 1 ? 1 / most : 1;
    passage.raise = left > 0 ? Math.min(MOST, HEARD / left) : 1;
    passage.ready = sounds;
    return sounds;
  })().catch(() => { passage.broken = true; return {}; });
  return passage.sounds;
}

function gainOf(passage, lane) {
  return lane === "d" && !player.true ? passage.raise : passage.trim;
}

/** Seconds within a passage's sound, and back to a place. */
function offsetOf(song, passage, lane, place) {
  const side = passage.d ? null : lane;
  if (!side) return (place - passage.from) / song.rate;
  return (frameAt(song, side, place) - frameAt(song, side, passage.from)) / song.rate;
}

function placeOf(song, passage, lane, offset) {
  const side = passage.d ? null : lane;
  if (!side) return passage.from + offset * song.rate;
  return placeAt(song, side, frameAt(song, side, passage.from) + offset * song.rate);
}

function placeNow(at = player.context.currentTime) {
  const { stage, passage, lane, when, offset, loop } = player.sounding;
  let now = offset + Math.max(0, at - when);
  if (loop && now > loop[1]) now = loop[0] + (now - loop[0]) % (loop[1] - loop[0]);
  return clamp(placeOf(stage.song, passage, lane, now), passage.from, passage.to - 1);
}

function silence(at = player.context.currentTime) {
  const old = player.sounding;
  if (!old) return;
  player.sounding = null;
  old.source.onended = null;
  old.gain.gain.setValueAtTime(old.level, Math.max(at, player.context.currentTime));
  old.gain.gain.linearRampToValueAtTime(0, at + FADE);
  old.source.stop(at + FADE * 2);
}

/** Sounds a place of a stage, from a moment on; what was heard before gives way at that moment. */
async function sound(stage, place) {
  const wanted = ++player.wanted, passage = stage.passageAt(place);
  player.context ??= new AudioContext();
  if (player.context.state !== "running") await player.context.resume();
  if (!passage) { silence(); return; }
  const sounds = await decoded(passage);
  // Somebody has wanted something else in the meantime.
  if (wanted !== player.wanted) return;
  if (passage.broken) { silence(); return refresh(); }
  const lane = sounds[player.lane] ? player.lane : sounds.b ? "b" : "a";
  const context = player.context, when = context.currentTime + SOON, buffer = sounds[lane];
  const before = player.sounding;
  const going = before && before.stage === stage && before.passage === passage && place === null;
  const source = context.createBufferSource(), gain = context.createGain();
  source.buffer = buffer;
  if (going) place = placeNow(when);
  let loop = null;
  if (player.loops) {
    const bar = stage.song.bars[barAt(stage.song, place)];
    loop = [Math.max(bar.start, passage.from), Math.min(bar.start + bar.length, passage.to)]
      .map(edge => offsetOf(stage.song, passage, lane, edge));
    [source.loop, source.loopStart, source.loopEnd] = [true, ...loop];
  }
  const level = gainOf(passage, lane), offset = offsetOf(stage.song, passage, lane, place);
  gain.gain.setValueAtTime(0, when);
  gain.gain.linearRampToValueAtTime(level, when + FADE);
  source.connect(gain).connect(context.destination);
  silence(when);
  source.start(when, offset);
  player.sounding = { stage, passage, lane, when, offset, loop, source, gain, level };
  source.onended = () => {
    stage.place = passage.to - 1;
    player.sounding = null;
    refresh();
  };
  refresh();
  requestAnimationFrame(follow);
}

/** Goes on from where it is with another sound, loop or level. */
function again() {
  const now = player.sounding;
  if (!now) return refresh();
  const { stage } = now, { passage } = now;
  // The place is reckoned when the new sound is ready.
  const wanted = ++player.wanted;
  decoded(passage).then(() => { if (wanted === player.wanted && player.sounding) sound(stage, placeNow(player.context.currentTime + SOON)); });
}

function follow() {
  if (!player.sounding) return;
  const { stage } = player.sounding;
  stage.place = placeNow();
  stage.show();
  requestAnimationFrame(follow);
}

// Colours of pictures.

function ramp(stops) {
  const table = new Uint8ClampedArray(256 * 3);
  for (let i = 0; i < 256; i++) {
    const at = i / 255 * (stops.length - 1), index = Math.min(stops.length - 2, Math.floor(at)), part = at - index;
    for (let c = 0; c < 3; c++) table[i * 3 + c] = stops[index][c] + part * (stops[index + 1][c] - stops[index][c]);
  }
  return table;
}

const hex = text => [1, 3, 5].map(at => parseInt(text.slice(at, at + 2), 16));
let palettes;

function palette() {
  // Levels go from the paper to the darkest in the light and the other way round in the dark. Blue and orange can be told
  // apart by nearly everybody, and both differ in lightness from what hasn't changed.
  palettes ??= dark.matches
    ? { level: ramp(["#14161d", "#33204e", "#6c2469", "#b0345f", "#e8664a", "#fba85b", "#fdf0b8"].map(hex)),
        turn: ramp(["#a9d6ff", "#4393e0", "#24508a", "#1c2029", "#80430f", "#e08022", "#ffd9a0"].map(hex)) }
    : { level: ramp(["#fbf9f3", "#f6dcae", "#eea36a", "#d1604f", "#93345c", "#4f1d57", "#1b0f2e"].map(hex)),
        turn: ramp(["#08306b", "#2f79bd", "#a5cbe6", "#f5f3ee", "#f4bf85", "#cf6410", "#6b2a00"].map(hex)) };
  return palettes;
}

/** What is quieter than this isn't drawn, and differences of levels are drawn up to that, in dB. */
const QUIET = -84, APART = 18;

// The stage of a part: its player and its pictures.

class Stage {
  constructor(details, song, part, names) {
    Object.assign(this, { details, song, part, names, place: 0, zoom: "all", missing: "" });
    this.lanes = SIDES.filter(side => part.waves?.[side]);
    details.querySelector("summary").addEventListener("click", () => { if (!details.open) { current = this; refresh(); } });
    details.addEventListener("toggle", () => { if (details.open) { this.build(); this.draw(); } });
  }

  build() {
    if (this.built) return;
    this.built = true;
    const has = side => side === "d" ? this.part.passages.some(p => p.d) : this.part.passages.some(p => p[side] || p.d);
    this.play = make("button", { class: "play", "aria-pressed": "false" }, "▶ Play");
    this.play.onclick = () => toggle(this);
    this.heard = make("div", { class: "switch heard", role: "radiogroup", "aria-label": "What is heard" });
    for (const [number, side] of SIDES.entries()) {
      const button = make("button", { class: side, role: "radio", "data-lane": side, "aria-keyshortcuts": String(number + 1) }, CALLED[side]);
      button.disabled = !has(side);
      button.onclick = () => { current = this; choose(side); };
      this.heard.append(button);
    }
    this.loop = make("button", { class: "loop", "aria-pressed": "false", "aria-keyshortcuts": "L" }, "Loop bar");
    this.loop.onclick = () => { current = this; player.loops = !player.loops; again(); };
    this.level = make("button", { class: "level", "aria-pressed": "false", title: "Hear the difference as quiet as it is" }, "True level");
    this.level.onclick = () => { current = this; player.true = !player.true; again(); };
    this.zooms = make("div", { class: "switch", role: "group", "aria-label": "What is seen" });
    for (const [zoom, name] of [["all", "All"], ["near", "4 bars"], ["bar", "Bar"]]) {
      const button = make("button", { "data-zoom": zoom }, name);
      button.onclick = () => { current = this; this.zoom = zoom; this.draw(); };
      this.zooms.append(button);
    }
    this.where = make("span", { class: "place" });
    const tools = make("div", { class: "tools", role: "group", "aria-label": "Player of " + this.part.id },
      this.play, this.heard, this.loop, this.level, this.zooms, this.where);
    this.note = make("p", { class: "note", role: "status" });
    this.box = make("div", { class: "lanes" });
    this.canvases = {};
    for (const side of this.lanes) {
      const canvas = this.canvases[side] = make("canvas", { role: "img", "aria-label": `Waveform and spectrogram of ${CALLED[side]}` });
      const name = side === "d" ? "B − A" : this.names[side];
      const lane = make("div", { class: "lane " + side },
        make("div", { class: "name" }, make("b", {}, CALLED[side]), make("span", { class: "told" }, name)), canvas);
      lane.onclick = event => {
        const box = canvas.getBoundingClientRect(), [from, to] = this.seen();
        current = this;
        if (has(side)) player.lane = side;
        go(this, Math.floor(from + (to - from) * clamp((event.clientX - box.x) / box.width, 0, 0.999999)));
      };
      this.box.append(lane);
    }
    this.head = make("i", { class: "head" });
    const stage = this.details.querySelector(".stage");
    stage.append(tools, this.note);
    if (this.lanes.length) {
      this.box.append(this.head);
      this.axis = make("canvas", { class: "axis", "aria-hidden": "true" });
      stage.append(this.box, this.axis, this.legend());
      new ResizeObserver(() => this.draw()).observe(this.box);
    } else {
      stage.append(make("p", { class: "note" }, "No waveform of it in this page: over its size."));
    }
  }

  legend() {
    const bar = table => {
      const canvas = make("canvas", { width: 90, height: 1 }), context = canvas.getContext("2d"), image = context.createImageData(90, 1);
      canvas.fill = () => {
        const colours = palette()[table];
        for (let x = 0; x < 90; x++) image.data.set([...colours.slice(Math.round(x / 89 * 255) * 3).slice(0, 3), 255], x * 4);
        context.putImageData(image, 0, 0);
      };
      return canvas;
    };
    this.scales = [bar("level"), bar("turn")];
    const legend = make("div", { class: "legend" });
    legend.append(make("span", {}, make("i", { class: "in" }), "its sound is in this page"));
    if (this.part.spectra?.a || this.part.spectra?.b) legend.append(make("span", {}, `−${-QUIET} dB`, this.scales[0], "0 dB"));
    if (this.lanes.includes("d")) legend.append(make("span", {}, `B quieter by ${APART} dB`, this.scales[1], "louder"));
    return legend;
  }

  passageAt(place) {
    return this.part.passages.find(passage => passage.from <= place && place < passage.to);
  }

  /** The stretch of the axis that is seen. */
  seen() {
    const { bars, length } = this.song;
    if (this.zoom === "all") return [0, length];
    const index = barAt(this.song, this.place), more = this.zoom === "near" ? 1 : 0;
    const first = bars[Math.max(0, index - more)], last = bars[Math.min(bars.length - 1, index + 2 * more)];
    return [first.start, Math.max(first.start + 1, last.start + last.length)];
  }

  /** Why nothing is to be heard here; empty where something is. */
  why() {
    if (this.passageAt(this.place)) return "";
    const index = barAt(this.song, this.place), kept = this.part.kept.filter(name => name !== null);
    const hear = kept.length ? ` Hear it in ${kept.join(" and ")}.` : "";
    if (!this.song.length) return "There is no sound.";
    if (!(this.part.severity[index] > 0)) return "This bar is the same in A and B, so its sound is not in this page." + hear;
    return "The sound of this bar is not in this page: over its size." + hear;
  }

  /** Shows where it is and what is heard. */
  show() {
    if (!this.built) return;
    const [from, to] = this.seen(), { song } = this;
    if (this.drawn && (this.drawn[0] !== from || this.drawn[1] !== to)) return this.draw();
    const index = barAt(song, this.place), bar = song.bars[index];
    this.head.style.left = clamp((this.place - from) / (to - from) * 100, 0, 100) + "%";
    const time = clock(this.place / song.rate);
    // Pieces of a sound without bars are named by their time.
    const told = !bar ? "" : bar.name.includes(":") ? time : `${barName(bar)} · ${time}`;
    if (this.where.textContent !== told) this.where.textContent = told;
    if (this === current) strips.get(song)?.mark(this, index);
  }

  refresh() {
    if (!this.built) return;
    const plays = player.sounding?.stage === this, passage = this.passageAt(this.place);
    this.play.textContent = plays ? "■ Stop" : "▶ Play";
    this.play.setAttribute("aria-pressed", plays);
    for (const button of this.heard.children) {
      const on = button.dataset.lane === (plays ? player.sounding.lane : player.lane);
      button.setAttribute("aria-checked", on);
      button.tabIndex = on || button.disabled ? 0 : -1;
    }
    if (![...this.heard.children].some(button => button.tabIndex === 0 && !button.disabled)) {
      for (const button of this.heard.children) button.tabIndex = 0;
    }
    for (const lane of this.box.querySelectorAll(".lane")) lane.classList.toggle("on", lane.classList.contains(player.lane));
    this.loop.setAttribute("aria-pressed", player.loops);
    this.level.setAttribute("aria-pressed", player.true);
    for (const button of this.zooms.children) button.setAttribute("aria-pressed", button.dataset.zoom === this.zoom);
    const why = this.why();
    let note = why;
    if (!why && passage.ready) {
      const raise = decibels(passage.raise);
      const told = [];
      if (passage.d && passage.ready.d && player.lane === "d") {
        told.push(passage.d.level === 0 ? "The difference is silent here." : player.true ? "The difference is heard at its true level."
          : `The difference is heard ${signed(raise)} dB louder than it is.`);
      }
      if (passage.trim < 1) told.push(`A and B are over full scale: heard ${signed(decibels(passage.trim))} dB.`);
      note = told.join(" ");
    }
    if (!why && !note) {
      const [first, last] = [passage.from, passage.to - 1].map(place => barName(this.song.bars[barAt(this.song, place)]));
      note = first === last ? `The sound of ${first} is in this page.` : `The sound from ${first} to ${last} is in this page.`;
    }
    if (passage?.broken) note = "This browser can't decode the sound.";
    else if (!why && !passage.d && this.lanes.length > 1) note = "The tempo differs here: switching goes to the same place in the bar. There is no difference to hear.";
    if (this.note.textContent !== note) this.note.textContent = note;
    this.note.classList.toggle("missing", why !== "" && why.includes("over its size"));
    this.details.classList.toggle("current", this === current);
    this.show();
  }

  // Pictures.

  levels(side) {
    this.spectra ??= {};
    return this.spectra[side] ??= this.part.spectra[side] ? bytes(this.part.spectra[side]) : null;
  }

  /** The spectrogram of a side as an image, a column and a row a pixel. */
  image(side) {
    this.images ??= {};
    if (this.images[side]) return this.images[side];
    const { columns, rows, quietest: floor, levels } = this.song.picture;
    const canvas = make("canvas", { width: columns, height: rows }), context = canvas.getContext("2d");
    const image = context.createImageData(columns, rows), colours = palette();
    const decibel = (bytes, at) => Math.max(QUIET, floor + bytes[at] / levels);
    const [a, b] = [this.levels("a"), this.levels("b")], one = side === "b" ? b : a;
    for (let x = 0; x < columns; x++) {
      for (let y = 0; y < rows; y++) {
        const at = x * rows + y, to = ((rows - 1 - y) * columns + x) * 4;
        const table = side === "d" ? colours.turn : colours.level;
        const share = side === "d" ? 0.5 + (decibel(b, at) - decibel(a, at)) / (2 * APART) : 1 - decibel(one, at) / QUIET;
        const index = Math.round(clamp(share, 0, 1) * 255) * 3;
        image.data[to] = table[index]; image.data[to + 1] = table[index + 1]; image.data[to + 2] = table[index + 2];
        image.data[to + 3] = 255;
      }
    }
    context.putImageData(image, 0, 0);
    return this.images[side] = canvas;
  }

  wave(side) {
    this.waves ??= {};
    return this.waves[side] ??= new Int8Array(bytes(this.part.waves[side].data).buffer);
  }

  draw() {
    if (!this.built || !this.lanes.length || !this.details.open) return this.refresh();
    const [from, to] = this.drawn = this.seen(), { waves } = this.part;
    // Close by, waveforms are drawn from the sound itself.
    const passage = this.zoom === "all" ? null : this.passageAt(this.place);
    if (passage && !passage.ready && !passage.broken) decoded(passage).then(() => this.draw());
    const loudest = Math.max(waves.a?.greatest ?? 0, waves.b?.greatest ?? 0);
    for (const side of this.lanes) {
      const canvas = this.canvases[side], ratio = Math.min(2, devicePixelRatio || 1);
      const width = Math.max(1, Math.round(canvas.clientWidth * ratio)), height = Math.max(1, Math.round(canvas.clientHeight * ratio));
      if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
      const context = canvas.getContext("2d"), tall = Math.round(height * 0.36);
      context.fillStyle = colour("--card");
      context.fillRect(0, 0, width, height);
      this.drawWave(context, side, from, to, width, tall, side === "d" ? waves.d.greatest : loudest);
      const image = this.image(side), scale = image.width / this.song.length;
      context.imageSmoothingEnabled = true;
      context.drawImage(image, from * scale, 0, Math.max(0.01, (to - from) * scale), image.height, 0, tall, width, height - tall);
      this.drawPitch(context, width, tall, height, ratio);
      const told = canvas.parentNode.querySelector(".told");
      if (side === "d") {
        const peak = waves.d.greatest;
        told.textContent = peak > 0 ? `B − A, peak ${decibels(peak).toFixed(1).replace("-", "−")} dB` : "silent";
        if (this.song.bars.some(bar => !bar.even)) told.textContent += "; none where the tempo differs";
      }
    }
    this.drawAxis(from, to);
    this.scales.forEach(scale => scale.fill());
    this.refresh();
  }

  /** Where some pitches are in a spectrogram. */
  drawPitch(context, width, tall, height, ratio) {
    const { lowest: low, highest: high } = this.song.picture;
    context.font = `${10 * ratio}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    context.lineJoin = "round";
    for (const [pitch, name] of [[100, "100 Hz"], [1000, "1 kHz"], [10000, "10 kHz"]]) {
      const y = Math.round(height - (height - tall) * Math.log(pitch / low) / Math.log(high / low));
      context.strokeStyle = colour("--card");
      context.lineWidth = 3 * ratio;
      context.strokeText(name, 9 * ratio, y);
      context.fillStyle = colour("--soft");
      context.fillText(name, 9 * ratio, y);
      context.fillRect(0, y, 6 * ratio, ratio);
    }
  }

  drawWave(context, side, from, to, width, tall, peak) {
    const data = this.wave(side), columns = data.length / 2, { length } = this.song;
    const scale = peak > 0 ? this.part.waves[side].greatest / peak / 127 : 0, middle = tall / 2;
    // What can be heard.
    context.fillStyle = colour("--well");
    for (const passage of this.part.passages) {
      if (!passage[side] && !(side === "b" && passage.d)) continue;
      const [x, end] = [passage.from, passage.to].map(place => (place - from) / (to - from) * width);
      context.fillRect(x, 0, end - x, tall);
    }
    context.fillStyle = colour("--" + side);
    for (let x = 0; x < width; x++) {
      const [first, last] = [x, x + 1].map(x => from + (to - from) * x / width);
      let edges = this.heardWave(side, first, last);
      if (!edges) {
        const start = Math.min(columns - 1, Math.floor(first / length * columns));
        const end = clamp(Math.ceil(last / length * columns), start + 1, columns);
        let [low, high] = [0, 0];
        for (let column = start; column < end; column++) {
          low = Math.min(low, data[2 * column]);
          high = Math.max(high, data[2 * column + 1]);
        }
        edges = [low * scale, high * scale];
      } else if (peak > 0) edges = edges.map(edge => edge / peak);
      const top = middle - edges[1] * middle * 0.94, bottom = middle - edges[0] * middle * 0.94;
      context.fillRect(x, top, 1, Math.max(1, bottom - top));
    }
  }

  /** The least and the greatest sample between two places, where the sound itself is at hand and everything isn't seen. */
  heardWave(side, first, last) {
    if (this.zoom === "all") return null;
    const passage = this.passageAt(first), buffer = passage?.ready?.[side];
    if (!buffer || last > passage.to) return null;
    const at = place => offsetOf(this.song, passage, side, place) * buffer.sampleRate;
    const start = Math.floor(at(first)), end = Math.min(buffer.length, Math.max(start + 1, Math.ceil(at(last))));
    let [low, high] = [0, 0];
    for (let channel = 0; channel < buffer.numberOfChannels; channel++) {
      const samples = buffer.getChannelData(channel);
      for (let i = start; i < end; i++) {
        if (samples[i] < low) low = samples[i]; else if (samples[i] > high) high = samples[i];
      }
    }
    return [low, high];
  }

  drawAxis(from, to) {
    const canvas = this.axis, ratio = Math.min(2, devicePixelRatio || 1);
    const width = canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
    canvas.height = Math.round(30 * ratio);
    const context = canvas.getContext("2d"), { bars } = this.song;
    context.scale(ratio, ratio);
    const wide = width / ratio, x = place => (place - from) / (to - from) * wide;
    context.font = "11px system-ui, sans-serif";
    let free = -1, section = null, sectionFree = -1;
    for (const [index, bar] of bars.entries()) {
      if (bar.start + bar.length <= from || bar.start >= to) continue;
      const at = Math.max(0, x(bar.start)), starts = bar.section !== section;
      section = bar.section;
      context.fillStyle = colour("--line");
      context.fillRect(Math.round(at), 0, 1, starts && bar.section ? 29 : 5);
      if (starts && bar.section && at >= sectionFree) {
        context.fillStyle = colour("--text");
        context.fillText(bar.section, at + 4, 26);
        sectionFree = at + context.measureText(bar.section).width + 12;
      }
      if (at >= free && at < wide - 12) {
        context.fillStyle = colour("--soft");
        context.fillText(bar.name, at + 4, 13);
        free = at + context.measureText(bar.name).width + 18;
      }
    }
  }
}

// The heat strip.

class Strip {
  constructor(table, song, stages) {
    Object.assign(this, { table, song, stages });
    this.rows = [...table.tBodies[0].rows].slice(0, stages.length).map(row => [...row.cells].slice(1));
    this.heads = [...table.querySelector(".bars").cells].slice(1);
    table.setAttribute("role", "grid");
    for (const [row, cells] of this.rows.entries()) {
      for (const [column, cell] of cells.entries()) {
        const severity = stages[row].part.severity[column];
        const label = `${stages[row].part.id}, ${barName(song.bars[column])}: ${severity > 0 ? Math.max(1, Math.round(severity * 100)) + " %" : "the same"}`;
        cell.setAttribute("aria-label", label);
        cell.title = label;
        cell.tabIndex = -1;
      }
    }
    table.onclick = event => {
      const cell = event.target.closest("td"), found = cell && this.find(cell);
      if (found) this.open(...found);
    };
    table.onkeydown = event => this.key(event);
    table.onfocusin = event => { if (event.target.matches("td")) event.target.scrollIntoView({ block: "nearest", inline: "nearest" }); };
    table.parentNode.after(make("p", { class: "scale" }, make("span", {}, "a little", make("i"), "very different"), make("span", {}, make("i", { class: "none" }), "the same")));
    this.at = [0, 0];
    this.mark(stages[0], 0);
  }

  find(cell) {
    for (const [row, cells] of this.rows.entries()) {
      const column = cells.indexOf(cell);
      if (column >= 0) return [row, column];
    }
    return null;
  }

  open(row, column) {
    const stage = this.stages[row];
    reveal(stage);
    go(stage, this.song.bars[column].start);
  }

  key(event) {
    const found = this.find(event.target);
    if (!found || event.ctrlKey || event.altKey || event.metaKey) return;
    let [row, column] = found;
    const rows = this.rows.length - 1, columns = this.heads.length - 1;
    if (event.key === "Enter" || event.key === " ") this.open(row, column);
    else if (event.key === "ArrowLeft") column--;
    else if (event.key === "ArrowRight") column++;
    else if (event.key === "ArrowUp") row--;
    else if (event.key === "ArrowDown") row++;
    else if (event.key === "Home") column = 0;
    else if (event.key === "End") column = columns;
    else return;
    event.preventDefault();
    event.stopPropagation();
    this.rove(clamp(row, 0, rows), clamp(column, 0, columns));
    this.rows[this.at[0]][this.at[1]].focus();
  }

  rove(row, column) {
    const old = this.rows[this.at[0]]?.[this.at[1]], cell = this.rows[row]?.[column];
    if (old) old.tabIndex = -1;
    if (cell) cell.tabIndex = 0;
    this.at = [row, column];
  }

  /** Marks the bar of the stage that is at hand. */
  mark(stage, column) {
    const row = this.stages.indexOf(stage), cell = this.rows[row]?.[column];
    if (this.marked === cell) return;
    this.marked?.removeAttribute("aria-selected");
    this.now?.classList.remove("now");
    this.marked = cell;
    this.now = this.heads[column];
    cell?.setAttribute("aria-selected", "true");
    this.now?.classList.add("now");
    if (!this.table.contains(document.activeElement)) this.rove(row, column);
    // The strip follows, but never the page.
    const box = this.table.parentNode, left = cell?.offsetLeft ?? 0, head = this.table.rows[this.table.rows.length - 1].cells[0].offsetWidth;
    if (left - head < box.scrollLeft || left + 30 > box.scrollLeft + box.clientWidth) box.scrollLeft = left - head - (box.clientWidth - head) / 3;
  }
}

// What is done.

let current = null;
const stages = [], strips = new Map();

function refresh() {
  for (const stage of stages) stage.refresh();
}

/** Opens a part and brings it to where it can be seen. */
function reveal(stage) {
  const around = stage.details.parentNode.closest("details");
  if (around) around.open = true;
  for (const other of stages) if (other !== stage && other.song === stage.song && other.details.open) other.details.open = false;
  stage.details.open = true;
  stage.build();
  const box = stage.details.getBoundingClientRect();
  if (box.top < 0 || box.top > innerHeight * 0.6) stage.details.scrollIntoView({ block: "nearest", behavior: calm.matches ? "auto" : "smooth" });
}

/** Goes to a place; what sounds goes along. */
function go(stage, place) {
  const sounded = player.sounding !== null;
  current = stage;
  stage.place = clamp(place, 0, Math.max(0, stage.song.length - 1));
  if (sounded) sound(stage, stage.place);
  stage.draw();
  refresh();
}

function toggle(stage) {
  current = stage;
  if (player.sounding?.stage === stage) {
    stage.place = placeNow();
    player.wanted++;
    silence();
    refresh();
  } else sound(stage, stage.place).then(refresh);
}

function choose(lane) {
  player.lane = lane;
  refresh();
  again();
}

function step(by) {
  if (!current) return;
  const bar = current.song.bars[clamp(barAt(current.song, current.place) + by, 0, current.song.bars.length - 1)];
  if (bar) go(current, bar.start);
}

document.addEventListener("keydown", event => {
  const { target } = event;
  if (event.ctrlKey || event.altKey || event.metaKey || event.defaultPrevented || !current) return;
  const pressed = target.matches("button, summary, a, pre, .strip");
  if (event.key === " " && !pressed) toggle(current);
  else if ("123".includes(event.key)) {
    const button = current.heard?.children[Number(event.key) - 1];
    if (!button || button.disabled) return;
    choose(SIDES[Number(event.key) - 1]);
    if (target.closest(".heard")) button.focus();
  } else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
    const by = event.key === "ArrowLeft" ? -1 : 1, group = target.closest(".heard");
    if (target.matches(".strip")) return;
    if (!group) step(by);
    else {
      const buttons = [...group.children].filter(button => !button.disabled);
      const next = buttons[(buttons.indexOf(target) + by + buttons.length) % buttons.length];
      next.focus();
      choose(next.dataset.lane);
    }
  } else if (event.key === "l" || event.key === "L") {
    player.loops = !player.loops;
    again();
  } else return;
  event.preventDefault();
});

for (const [number, song] of songs.entries()) {
  const compared = document.getElementById("c" + number);
  const root = songs.length === 1 ? document : compared, [a, b] = [...root.querySelectorAll(".names dd")].map(node => node.textContent);
  const own = song.parts.map((part, place) => new Stage(document.getElementById(`c${number}p${place}`), song, part, { a, b }));
  // Where it differs most.
  for (const stage of own) {
    const { severity } = stage.part;
    const worst = severity.reduce((best, value, index) => value > severity[best] ? index : best, 0);
    stage.place = song.bars[worst]?.start ?? 0;
    stage.details.open = stage === own[0] && number === 0;
  }
  for (const part of song.parts) for (const passage of part.passages) passage.rate = song.soundRate;
  stages.push(...own);
  const table = compared.querySelector(".heat");
  if (table && song.bars.length) strips.set(song, new Strip(table, song, own));
  if (songs.length > 1 && number > 0) compared.open = false;
}
current = stages[0] ?? null;
for (const stage of stages) if (stage.details.open) { stage.build(); stage.draw(); }

for (const link of document.querySelectorAll(".index a")) {
  link.onclick = () => { document.querySelector(link.hash).open = true; };
}
dark.onchange = () => {
  palettes = undefined;
  for (const stage of stages) { stage.images = undefined; stage.draw(); }
};
let closed = [];
addEventListener("beforeprint", () => {
  closed = [...document.querySelectorAll("details:not([open])")];
  for (const details of closed) details.open = true;
  for (const stage of stages) { stage.build(); stage.draw(); }
});
addEventListener("afterprint", () => { for (const details of closed) details.open = false; });
const keys = document.querySelector(".keys");
keys.hidden = !stages.length;
keys.dataset.ready = "";
