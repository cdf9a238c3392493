// The start of the tip desk.
import '@minhchung/web-shared/tokens.css';
import '../ui/frame.css';
import '../ui/controls.css';
import './ui/desk.css';
import './ui/thread.css';
import './ui/paper.css';
import { render } from 'preact';
import { App } from './app/App.tsx';
import { dropEverything } from './app/desk.ts';

addEventListener('pagehide', dropEverything);
// A page that a browser kept for the way back shows nothing of before.
addEventListener('pageshow', (event) => {
  if (event.persisted) location.reload();
});
render(<App />, document.getElementById('app') as HTMLElement);
