// The start of the console.
import '@minhchung/web-shared/tokens.css';
import './ui/office.css';
import './ui/controls.css';
import './ui/print.css';
import { render } from 'preact';
import { App } from './app/App.tsx';
import { startLanguage } from './text/text.ts';

await startLanguage();
render(<App />, document.getElementById('app') as HTMLElement);
