// The start of the app.
import '@minhchung/web-shared/tokens.css';
import { render } from 'preact';

render(<main>Minh chứng</main>, document.getElementById('app') as HTMLElement);
