// The first tab: tools that change the class map, and the result that follows each change.

import { MapCanvas, lineBetween } from './map_canvas.js';
import { ask, askJson, onDrop, save, tell, telling } from './server.js';

const element = (id) => document.getElementById(id);

class Editor {
  constructor({ classes, palette, unlabelled, predicts }, images) {
    this.classes = classes;
    this.palette = palette;
    this.images = images;
    this.label = classes.length > 1 && unlabelled === 0 ? 1 : 0;
    this.tool = 'brush';
    this.view = new MapCanvas(element('map'), palette);
    this.open = false;
    this.stroke = null; // points of the stroke that is being drawn
    this.under = null; // pixel of the map under the pointer
    this.edits = Promise.resolve(); // they reach the server one after the other
    this.pending = 0; // edits that were made and are not in the server's map yet
    this.resultRunning = false;
    this.resultWanted = false;
    element('restart').textContent = predicts ? 'Predict again' : 'Clear map';
  }

  get brush() {
    return { size: Number(element('size').value), shape: element('shape').value };
  }

  // -- what the server knows

  async take(state, isNew) {
    if (isNew) {
      const grey = await createImageBitmap(await (await ask('editor/grey')).blob());
      this.view.open(grey, state.width, state.height);
      this.open = true;
      element('size').max = Math.min(100, Math.max(state.width, state.height));
      const place = state.number === null ? '' : ` (${state.number + 1} of ${this.images})`;
      element('photo-name').textContent = `${state.name}${place}, ${state.photo[1]}x${state.photo[0]}`;
    }
    if (isNew || !this.pending) {
      this.view.setMap(Uint8Array.from(atob(state.map), (byte) => byte.charCodeAt(0)));
      if (this.stroke && this.tool === 'brush') this.preview(this.stroke); // the one that is being drawn
    }
    element('undo').disabled = !state.can_undo;
    element('redo').disabled = !state.can_redo;
    for (const id of ['restart', 'save-map', 'save-colour', 'replace', 'remove']) element(id).disabled = false;
    this.listUsed();
    if (isNew || state.changed) await this.showResult();
  }

  edit(action, said = {}) {
    this.pending += 1;
    this.edits = this.edits.then(telling(async () => {
      let refused = null;
      const state = await askJson('editor/edit', { body: { action, ...said } }).catch((error) => {
        refused = error;
        return askJson('editor/state'); // what was drawn ahead of the answer goes away again
      }).finally(() => {
        this.pending -= 1;
      });
      this.take(state, false).catch(tell); // the next edit need not wait for the picture
      if (refused) throw refused;
    }));
    return this.edits;
  }

  async openImage(said) {
    await this.take(await askJson('editor/open', { body: said }), true);
  }

  async upload(file) {
    await this.take(await askJson('editor/upload', { body: file, query: { name: file.name } }), true);
  }

  async loadMap(file) {
    await this.take(await askJson('editor/map', { body: file }), false);
  }

  // One request at a time; the last change is what is shown in the end.
  async showResult() {
    this.resultWanted = true;
    if (this.resultRunning) return;
    this.resultRunning = true;
    element('result').classList.add('waiting');
    document.body.dataset.result = 'waiting';
    try {
      while (this.resultWanted) {
        this.resultWanted = false;
        const started = performance.now();
        const url = URL.createObjectURL(await (await ask('editor/result')).blob());
        const old = element('result').src;
        element('result').src = url;
        await element('result').decode();
        if (old) URL.revokeObjectURL(old);
        element('result-state').textContent = `coloured in ${((performance.now() - started) / 1000).toFixed(2)} s`;
      }
      document.body.dataset.result = 'shown';
    } finally {
      this.resultRunning = false;
      element('result').classList.remove('waiting');
    }
  }

  // -- tools

  setTool(tool) {
    this.tool = tool;
    for (const button of document.querySelectorAll('[data-tool]')) {
      button.setAttribute('aria-pressed', button.dataset.tool === tool);
    }
    this.hover(this.under);
  }

  choose(label) {
    this.label = label;
    for (const item of element('classes').children) {
      const chosen = Number(item.dataset.label) === label;
      item.setAttribute('aria-selected', chosen);
      if (chosen) item.scrollIntoView({ block: 'nearest' });
    }
    this.status();
  }

  status() {
    element('brush-class').textContent = this.classes[this.label];
    element('brush-size').textContent = element('size').value;
    element('brush-status').querySelector('.swatch').style.background = this.colour(this.label);
  }

  colour(label) {
    return `rgb(${this.palette[label].join(' ')})`;
  }

  setSize(size) {
    element('size').value = size;
    this.status();
    this.hover(this.under);
  }

  hover(place) {
    this.under = place;
    if (!this.open) return;
    const inside = place !== null && this.view.inside(place);
    element('under').textContent = inside ? this.classes[this.view.at(place)] : '\u00a0';
    this.view.cursor = inside && this.tool === 'brush' ? { x: place[0], y: place[1], ...this.brush } : null;
    this.view.draw();
  }

  preview(points) {
    const { size, shape } = this.brush;
    this.view.stamp(points[0], this.label, size, shape);
    for (let index = 1; index < points.length; index += 1) {
      for (const point of lineBetween(points[index - 1], points[index])) {
        this.view.stamp(point, this.label, size, shape);
      }
    }
    this.view.draw();
  }

  down(event) {
    if (!this.open || event.button !== 0) return;
    event.preventDefault();
    this.view.canvas.focus();
    const place = this.view.place(event);
    if (event.altKey || this.tool === 'picker') {
      if (this.view.inside(place)) this.choose(this.view.at(place));
    } else if (this.tool === 'fill') {
      if (this.view.inside(place)) this.edit('fill', { x: place[0], y: place[1], label: this.label });
    } else {
      this.view.canvas.setPointerCapture(event.pointerId);
      this.stroke = [place];
      if (this.tool === 'brush') this.preview(this.stroke);
    }
  }

  move(event) {
    if (!this.open) return;
    const place = this.view.place(event);
    const last = this.stroke?.at(-1);
    if (last && (last[0] !== place[0] || last[1] !== place[1])) {
      this.stroke.push(place);
      if (this.tool === 'brush') this.preview([last, place]);
      else this.setRegion(this.stroke[0], place);
    }
    this.hover(place);
  }

  up() {
    if (!this.stroke) return;
    const points = this.stroke;
    this.stroke = null;
    if (this.tool === 'brush') this.edit('stroke', { points, label: this.label, ...this.brush });
    else if (points.length === 1) this.setRegion(null);
  }

  setRegion(start, end) {
    this.view.region = null;
    if (start !== null) {
      const limit = ([x, y]) => [Math.min(Math.max(x, 0), this.view.width - 1),
        Math.min(Math.max(y, 0), this.view.height - 1)];
      const [[x0, y0], [x1, y1]] = [limit(start), limit(end)];
      this.view.region = [Math.min(x0, x1), Math.min(y0, y1), Math.max(x0, x1) + 1, Math.max(y0, y1) + 1];
    }
    element('replace-where').textContent = this.view.region ? 'Replace in the region' : 'Replace everywhere';
    this.view.draw();
  }

  replace(action, old) {
    return this.edit(action, { old, new: this.label, region: this.view.region });
  }

  // -- lists of classes

  list() {
    element('classes').replaceChildren(...this.classes.map((name, label) => {
      const item = document.createElement('li');
      const swatch = document.createElement('span');
      swatch.className = 'swatch';
      swatch.style.background = this.colour(label);
      item.append(swatch, name);
      item.dataset.label = label;
      item.setAttribute('role', 'option');
      item.addEventListener('click', () => this.choose(label));
      return item;
    }));
    this.choose(this.label);
  }

  search() {
    const wanted = element('search').value.trim().toLowerCase();
    for (const item of element('classes').children) item.hidden = !item.textContent.toLowerCase().includes(wanted);
  }

  // The classes that the map has, as what can be replaced.
  listUsed() {
    const used = [...new Set(this.view.map)].sort((a, b) => a - b);
    const old = element('replace-old').value;
    element('replace-old').replaceChildren(...used.map((label) => new Option(this.classes[label], label)));
    if (used.includes(Number(old)) && old !== '') element('replace-old').value = old;
  }

  // -- keys

  key(event) {
    if (element('editor').hidden || event.target.matches('input[type=search], input[type=text], select')) return;
    const key = event.key.toLowerCase();
    const control = event.ctrlKey || event.metaKey;
    const keys = control ? {
      z: () => this.edit(event.shiftKey ? 'redo' : 'undo'),
      y: () => this.edit('redo'),
      s: telling(() => save(event.shiftKey ? 'editor/saved/colour' : 'editor/saved/map')),
    } : {
      b: () => this.setTool('brush'),
      p: () => this.setTool('picker'),
      f: () => this.setTool('fill'),
      r: () => this.setTool('region'),
      '[': () => this.setSize(Number(element('size').value) - 1),
      ']': () => this.setSize(Number(element('size').value) + 1),
      '/': () => element('search').focus(),
      escape: () => this.setRegion(null),
      delete: () => this.under && this.view.inside(this.under) && this.replace('remove', this.view.at(this.under)),
      pagedown: telling(() => this.images && this.openImage({ step: 1 })),
      pageup: telling(() => this.images && this.openImage({ step: -1 })),
    };
    if (keys[key]) {
      event.preventDefault();
      keys[key]();
    }
  }

  listen() {
    const { canvas } = this.view;
    canvas.addEventListener('pointerdown', (event) => this.down(event));
    canvas.addEventListener('pointermove', (event) => this.move(event));
    canvas.addEventListener('pointerup', () => this.up());
    canvas.addEventListener('pointercancel', () => this.up());
    canvas.addEventListener('pointerleave', () => this.hover(null));
    canvas.addEventListener('wheel', (event) => {
      event.preventDefault();
      this.setSize(Number(element('size').value) - Math.sign(event.deltaY));
    }, { passive: false });
    document.addEventListener('keydown', (event) => this.key(event));
    for (const button of document.querySelectorAll('[data-tool]')) {
      button.addEventListener('click', () => this.setTool(button.dataset.tool));
    }
    element('size').addEventListener('input', () => this.status());
    element('opacity').addEventListener('input', (event) => {
      this.view.opacity = event.target.value / 100;
      this.view.draw();
    });
    element('search').addEventListener('input', () => this.search());
    element('search').addEventListener('keydown', (event) => {
      const first = [...element('classes').children].find((item) => !item.hidden);
      if (event.key === 'Enter' && first) this.choose(Number(first.dataset.label));
      if (event.key === 'Enter' || event.key === 'Escape') canvas.focus();
    });
    for (const action of ['undo', 'redo', 'restart']) element(action).addEventListener('click', () => this.edit(action));
    for (const action of ['replace', 'remove']) {
      element(action).addEventListener('click', () => this.replace(action, Number(element('replace-old').value)));
    }
    element('next').addEventListener('click', telling(() => this.openImage({ step: 1 })));
    element('previous').addEventListener('click', telling(() => this.openImage({ step: -1 })));
    element('save-map').addEventListener('click', telling(() => save('editor/saved/map')));
    element('save-colour').addEventListener('click', telling(() => save('editor/saved/colour')));
    this.file('photo-file', (file) => this.upload(file));
    this.file('map-file', (file) => this.loadMap(file));
    onDrop(element('editor'), telling((file) => this.upload(file)));
  }

  file(id, take) {
    element(id).addEventListener('change', telling(async (event) => {
      const [file] = event.target.files;
      event.target.value = ''; // so that the same file can be chosen again
      if (file) await take(file);
    }));
  }
}

export async function startEditor(session) {
  const there = session.editor !== null;
  element('editor-room').hidden = !there;
  element('editor-empty').hidden = there;
  if (!there) return;
  const editor = new Editor(session.editor, session.images);
  editor.list();
  editor.setTool('brush');
  editor.listen();
  element('next').disabled = element('previous').disabled = session.images < 2;
  if (session.images) await editor.openImage({});
}
