// Starts the page: asks for a session, and shows the tabs.

import { startEditor } from './editor.js';
import { Refused, start, tell } from './server.js';
import { startStudy } from './study.js';
import { startTranslation } from './translation.js';

const tabs = [...document.querySelectorAll('[role=tab]')];

function show(chosen) {
  for (const tab of tabs) {
    tab.setAttribute('aria-selected', tab === chosen);
    document.getElementById(tab.dataset.panel).hidden = tab !== chosen;
  }
}

for (const tab of tabs) tab.addEventListener('click', () => show(tab));

try {
  const session = await start();
  document.getElementById('tab-study').hidden = !session.study;
  startTranslation(session);
  if (session.problem) tell(new Refused(session.problem));
  if (session.study) startStudy();
  await startEditor(session);
} catch (error) {
  tell(error);
}
document.body.dataset.ready = 'yes';
