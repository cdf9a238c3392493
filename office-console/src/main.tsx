// The start of the console.
import '@minhchung/web-shared/tokens.css';
import './ui/frame.css';
import './ui/board.css';
import './ui/queue.css';
import './ui/record.css';
import './ui/narrow.css';
import './ui/controls.css';
import './ui/print.css';
import { render } from 'preact';
import { App } from './app/App.tsx';
import { startLanguage } from './text/text.ts';

await startLanguage();
render(<App />, document.getElementById('app') as HTMLElement);
