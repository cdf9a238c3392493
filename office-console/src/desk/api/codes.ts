// Confirms the one-time codes. Refuses to read an empty answer as a failure: this one has no body.

import { expectData } from '@minhchung/web-shared/api/client.ts';
import { api } from './session.ts';

export async function confirmCodes(code: string): Promise<void> {
  const result = await api.POST('/api/v1/auth/totp/confirm', { body: { code } });
  if (!result.response.ok) await expectData(Promise.resolve(result));
}
