// How the page asks its server: one session, and an error that is a sentence for the person at the page.

let session = null;

export class Refused extends Error {}

// Asks; gives the Response. `body` is a Blob (sent as it is) or an object (sent as JSON).
export async function ask(path, { body = null, query = {} } = {}) {
  const options = { method: body === null ? 'GET' : 'POST', headers: {} };
  if (session !== null) options.headers['X-Nightgen-Session'] = session.token;
  if (body instanceof Blob) {
    if (body.size > session.most_megabytes * 2 ** 20) {
      throw new Refused(`the file is larger than ${session.most_megabytes} MB; make it smaller, or start the program ` +
        'with --max-upload');
    }
    options.body = body;
    options.headers['Content-Type'] = 'application/octet-stream';
  } else if (body !== null) {
    options.body = JSON.stringify(body);
    options.headers['Content-Type'] = 'application/json';
  }
  const search = new URLSearchParams(query).toString();
  let answer;
  try {
    answer = await fetch(`api/${path}${search ? `?${search}` : ''}`, options);
  } catch {
    throw new Refused('the program does not answer; is it still running?');
  }
  if (!answer.ok) throw new Refused(await reason(answer));
  return answer;
}

async function reason(answer) {
  const text = await answer.text();
  try {
    return JSON.parse(text).error;
  } catch {
    return `the server refused this (${answer.status})`;
  }
}

export async function askJson(path, options) {
  return (await ask(path, options)).json();
}

export async function start() {
  session = await askJson('session', { body: {} });
  return session;
}

// Asks for a file and has the browser save it.
export async function save(path) {
  const answer = await ask(path);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(await answer.blob());
  link.download = decodeURIComponent(answer.headers.get('X-Nightgen-Name') ?? 'nightgen.png');
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

// Shows an error to the person; anything but a refusal is a mistake of the page and goes to the console too.
export function tell(error) {
  const place = document.getElementById('message');
  place.textContent = error.message;
  place.hidden = false;
  if (!(error instanceof Refused)) console.error(error);
}

export function tellNothing() {
  document.getElementById('message').hidden = true;
}

// A handler that tells what went wrong.
export function telling(handler) {
  return async (...given) => {
    try {
      tellNothing();
      await handler(...given);
    } catch (error) {
      tell(error);
    }
  };
}

// Files that are dropped on an element.
export function onDrop(element, take) {
  element.addEventListener('dragover', (event) => {
    event.preventDefault();
    element.classList.add('dropping');
  });
  element.addEventListener('dragleave', () => element.classList.remove('dropping'));
  element.addEventListener('drop', (event) => {
    event.preventDefault();
    element.classList.remove('dropping');
    if (event.dataTransfer.files.length) take(event.dataTransfer.files[0]);
  });
}
