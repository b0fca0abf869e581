// The second tab: an image or a short video through a model, before and after under a slider.

import { ask, askJson, onDrop, save, telling } from './server.js';

const element = (id) => document.getElementById(id);
let file = null;

function choose(chosen) {
  file = chosen;
  element('any-name').textContent = file.name;
  element('translate').disabled = false;
}

function slide() {
  element('compare').querySelector('.before').style.clipPath = `inset(0 ${100 - element('slider').value}% 0 0)`;
}

async function fetchSide(side, kind) {
  const blob = await (await ask(`translation/${side}`)).blob();
  const shown = document.createElement(kind === 'video' ? 'video' : 'img');
  shown.src = URL.createObjectURL(blob);
  if (kind === 'video') Object.assign(shown, { loop: true, muted: true, autoplay: true, playsInline: true });
  else shown.alt = side;
  return shown;
}

// Plays both sides of a video at one time; a browser may not have the decoder of the one that was given.
function keepTogether(before, after) {
  before.addEventListener('error', () => {
    element('translation-state').textContent += '; this browser cannot play the given file, the result it can';
  });
  after.addEventListener('timeupdate', () => {
    if (Math.abs(before.currentTime - after.currentTime) > 0.15) before.currentTime = after.currentTime;
  });
}

async function watchProgress(finished) {
  while (!finished.yes) {
    element('progress').value = (await askJson('progress')).done;
    await new Promise((resolve) => { setTimeout(resolve, 300); });
  }
}

async function translate() {
  const finished = { yes: false };
  element('translate').disabled = true;
  element('progress').hidden = false;
  element('translation-state').textContent = 'translating';
  watchProgress(finished).catch(() => {}); // the request itself tells what is wrong
  try {
    const done = await askJson('translation/run', { body: file, query: { model: element('model').value, name: file.name } });
    const [before, after] = await Promise.all(['before', 'after'].map((side) => fetchSide(side, done.kind)));
    for (const [side, shown] of [['before', before], ['after', after]]) {
      const place = element('compare').querySelector(`.${side}`);
      for (const old of place.children) URL.revokeObjectURL(old.src);
      place.replaceChildren(shown);
    }
    element('compare').hidden = false;
    const frames = done.kind === 'video' ? `, ${done.frames} frames` : '';
    element('translation-state').textContent = [`${done.model}${frames}, ${done.seconds.toFixed(1)} s`,
      ...done.notes].join('; ');
    if (done.kind === 'video') keepTogether(before, after);
    element('download').disabled = false;
    element('model').selectedOptions[0].textContent = done.model;
  } catch (error) {
    element('translation-state').textContent = 'nothing was translated';
    throw error;
  } finally {
    finished.yes = true;
    element('translate').disabled = false;
    element('progress').hidden = true;
  }
}

export function startTranslation(session) {
  const names = Object.entries(session.models);
  element('translation-room').hidden = !names.length;
  element('translation-empty').hidden = names.length > 0;
  element('model').replaceChildren(...names.map(([name, title]) => new Option(title, name)));
  element('any-file').addEventListener('change', telling((event) => {
    if (event.target.files.length) choose(event.target.files[0]);
  }));
  onDrop(element('translation'), choose);
  element('translate').addEventListener('click', telling(translate));
  element('download').addEventListener('click', telling(() => save('translation/after')));
  element('slider').addEventListener('input', slide);
  slide();
}
