// The third tab: pictures of unnamed methods in shuffled order, and a score from 0 to 100 for each question.

import { Refused, ask, askJson, telling } from './server.js';

const element = (id) => document.getElementById(id);
let rater = '';
let sheet = null;

async function card(number, questions) {
  const place = document.createElement('div');
  const picture = document.createElement('img');
  const blob = await (await ask('study/picture', { query: { rater, sheet: sheet.number, picture: number } })).blob();
  picture.src = URL.createObjectURL(blob);
  picture.alt = `picture ${number + 1}`;
  place.append(picture, ...questions.map((question) => {
    const row = document.createElement('label');
    const score = Object.assign(document.createElement('input'), { type: 'range', min: 0, max: 100, value: 50 });
    const shown = document.createElement('output');
    score.dataset.picture = number;
    score.dataset.question = question;
    shown.textContent = '–'; // not answered until it is touched
    score.addEventListener('input', () => {
      shown.textContent = score.value;
      score.dataset.answered = 'yes';
    });
    row.append(question, score, shown);
    return row;
  }));
  return place;
}

// Two people of one name would share their scores: who has a name that has some is asked first.
async function begin(name) {
  const said = await askJson('study/sheet', { query: { rater: name } });
  rater = name;
  element('sheet').hidden = true;
  element('study-known').hidden = said.scored === 0;
  if (said.scored === 0) return next();
  element('study-state').textContent = `${name} has scored ${said.scored} of ${said.sheets} sheets. Is that you?`;
}

async function next() {
  const said = await askJson('study/sheet', { query: { rater } });
  sheet = said.sheet;
  element('sheet').hidden = sheet === null;
  element('study-state').textContent = sheet === null
    ? `All ${said.sheets} sheets are scored. Thank you.`
    : `Sheet ${sheet.number + 1} of ${said.sheets}. 0 is worst, 100 is best.`;
  if (sheet === null) return;
  const cards = [];
  for (let number = 0; number < sheet.pictures; number += 1) cards.push(card(number, sheet.questions));
  element('sheet-pictures').replaceChildren(...await Promise.all(cards));
}

async function send() {
  const inputs = [...element('sheet-pictures').querySelectorAll('input')];
  const open = inputs.filter((input) => !input.dataset.answered).length;
  if (open) throw new Refused(`${open} scores are missing: move every slider`);
  const scores = Array.from({ length: sheet.pictures }, () => ({}));
  for (const input of inputs) scores[input.dataset.picture][input.dataset.question] = Number(input.value);
  await askJson('study/scores', { body: { rater, sheet: sheet.number, scores } });
  await next();
}

export function startStudy() {
  element('study-start').addEventListener('submit', telling(async (event) => {
    event.preventDefault();
    await begin(element('rater').value.trim());
  }));
  element('study-me').addEventListener('click', telling(async () => {
    element('study-known').hidden = true;
    await next();
  }));
  element('study-other').addEventListener('click', () => {
    element('study-known').hidden = true;
    element('study-state').textContent = 'Choose a name that nobody else has, with an initial for example.';
    element('rater').focus();
  });
  element('sheet').addEventListener('submit', telling(async (event) => {
    event.preventDefault();
    await send();
  }));
}
