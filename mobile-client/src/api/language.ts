// In which language the server is asked to answer.
// Refuses to know where it comes from: the screens have a dictionary, the service worker has not.

let current: () => string = () => 'vi';

export function answerIn(language: () => string): void {
  current = language;
}

export function language(): string {
  return current();
}
