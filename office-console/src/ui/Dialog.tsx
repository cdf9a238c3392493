// The console's dialog: `Modal` with the console's word for closing.

import type { ComponentChildren } from 'preact';
import { text } from '../text/text.ts';
import { Modal } from './Modal.tsx';

export function Dialog(props: {
  title: string;
  wide?: boolean;
  onClose: () => void;
  children: ComponentChildren;
}) {
  return <Modal {...props} closeWord={text('action.close')} />;
}
