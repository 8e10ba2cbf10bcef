/** The types of the API that the command line is compiled against are those of docs/openapi.json: `-u` makes them anew. */

import { readFileSync } from 'node:fs';
import openapiTS, { astToString } from 'openapi-typescript';
import { expect, it } from 'vitest';

const CAPTION =
  '/** The API as docs/openapi.json has it; made by `npx vitest run test/cli/generated.test.ts -u`. */\n\n';

it('is what docs/openapi.json says', async () => {
  const document = JSON.parse(readFileSync('docs/openapi.json', 'utf8'));
  const types = astToString(await openapiTS(document, { immutable: true }));
  await expect(`${CAPTION}${types}`).toMatchFileSnapshot('../../cli/generated/api.d.ts');
});
