// The class map over the photo on a canvas. The map is an array of class numbers, one byte a pixel; the canvas only
// shows it. Nothing is ever read back from the canvas, so no anti-aliasing or colour management can touch a class.

// The pixels of a brush, as rows of [from, to) relative to its top left corner; the server's brush_stamp.
export function stampRows(size, shape) {
  const rows = [];
  for (let y = 0; y < size; y += 1) {
    const down = 2 * y + 1 - size;
    let from = 0;
    if (shape === 'disc') {
      while (down * down + (2 * from + 1 - size) ** 2 > size * size) from += 1;
    }
    rows.push([from, size - from]);
  }
  return rows;
}

// Every pixel on the way between two points, without the first; the server's straight_line.
export function lineBetween([x0, y0], [x1, y1]) {
  const count = Math.max(Math.abs(x1 - x0), Math.abs(y1 - y0));
  const rounded = (numerator) => Math.floor((2 * numerator + count) / (2 * count));
  const line = [];
  for (let step = 1; step <= count; step += 1) {
    line.push([x0 + rounded((x1 - x0) * step), y0 + rounded((y1 - y0) * step)]);
  }
  return line;
}

// A small photo is drawn on a larger canvas, so that the outlines of brush and region stay thin.
const LEAST_SIDE = 900;

export class MapCanvas {
  constructor(canvas, palette) {
    this.canvas = canvas;
    this.context = canvas.getContext('2d');
    this.colours = palette;
    this.overlay = document.createElement('canvas');
    this.photo = null;
    this.map = null;
    this.opacity = 0.5;
    this.region = null; // [left, top, right, bottom] in pixels of the map
    this.cursor = null; // { x, y, size, shape }
  }

  // Takes another photo (an ImageBitmap) and the size of its map.
  open(photo, width, height) {
    this.photo = photo;
    this.width = width;
    this.height = height;
    const scale = Math.max(1, Math.ceil(LEAST_SIDE / Math.max(photo.width, photo.height)));
    this.canvas.width = photo.width * scale;
    this.canvas.height = photo.height * scale;
    this.overlay.width = width;
    this.overlay.height = height;
    this.pixels = new ImageData(width, height);
    this.region = null;
  }

  setMap(map) {
    this.map = map;
    for (let index = 0; index < map.length; index += 1) this.#paintPixel(index);
    this.draw();
  }

  #paintPixel(index) {
    const [red, green, blue] = this.colours[this.map[index]];
    this.pixels.data.set([red, green, blue, 255], 4 * index);
  }

  // Stamps the brush, for the eye, until the server's map is there.
  stamp([x, y], label, size, shape) {
    const left = x - Math.floor(size / 2);
    const top = y - Math.floor(size / 2);
    stampRows(size, shape).forEach(([from, to], row) => {
      const down = top + row;
      if (down < 0 || down >= this.height) return;
      for (let across = Math.max(left + from, 0); across < Math.min(left + to, this.width); across += 1) {
        this.map[down * this.width + across] = label;
        this.#paintPixel(down * this.width + across);
      }
    });
  }

  // The pixel of the map under a pointer; it may lie outside.
  place(event) {
    const box = this.canvas.getBoundingClientRect();
    // The canvas keeps its shape inside its box (object-fit: contain).
    const scale = Math.min(box.width / this.canvas.width, box.height / this.canvas.height);
    const left = box.left + (box.width - this.canvas.width * scale) / 2;
    const top = box.top + (box.height - this.canvas.height * scale) / 2;
    return [Math.floor((event.clientX - left) / (this.canvas.width * scale) * this.width),
      Math.floor((event.clientY - top) / (this.canvas.height * scale) * this.height)];
  }

  inside([x, y]) {
    return x >= 0 && y >= 0 && x < this.width && y < this.height;
  }

  at([x, y]) {
    return this.map[y * this.width + x];
  }

  draw() {
    if (this.photo === null || this.map === null) return;
    const { context, canvas } = this;
    context.globalAlpha = 1;
    context.imageSmoothingEnabled = true;
    context.drawImage(this.photo, 0, 0, canvas.width, canvas.height);
    this.overlay.getContext('2d').putImageData(this.pixels, 0, 0);
    context.globalAlpha = this.opacity;
    context.imageSmoothingEnabled = false;
    context.drawImage(this.overlay, 0, 0, canvas.width, canvas.height);
    context.globalAlpha = 1;
    const across = canvas.width / this.width;
    const down = canvas.height / this.height;
    if (this.region) {
      const [left, top, right, bottom] = this.region;
      context.setLineDash([6, 4]);
      context.strokeStyle = '#fff';
      context.lineWidth = Math.max(1, canvas.width / 500);
      context.strokeRect(left * across, top * down, (right - left) * across, (bottom - top) * down);
      context.setLineDash([]);
    }
    if (this.cursor) {
      const { x, y, size, shape } = this.cursor;
      const left = (x - Math.floor(size / 2)) * across;
      const top = (y - Math.floor(size / 2)) * down;
      context.strokeStyle = '#fff';
      context.lineWidth = Math.max(1, canvas.width / 700);
      context.beginPath();
      if (shape === 'disc') {
        context.ellipse(left + size * across / 2, top + size * down / 2, size * across / 2, size * down / 2, 0, 0,
          2 * Math.PI);
      } else {
        context.rect(left, top, size * across, size * down);
      }
      context.stroke();
    }
  }
}
