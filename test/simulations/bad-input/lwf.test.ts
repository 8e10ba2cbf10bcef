/** LWF files that cannot be read: one clear message with line and element, and a hint. */

import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../../simulations/input-error.js';
import { readHaizeaSite } from '../../../simulations/workloads/haizea-site.js';
import { readLwf } from '../../../simulations/workloads/lwf.js';
import { parseXml } from '../../../simulations/workloads/xml.js';
import { data, file, refusal } from '../files.js';

const GOOD = `<?xml version="1.0"?>
<lease-workload name="w">
 <site><resource-types names="CPU Memory"/><nodes>
  <node-set numnodes="4"><res type="CPU" amount="100"/><res type="Memory" amount="1024"/></node-set></nodes></site>
 <lease-requests>
  <lease-request arrival="00:00:00"><lease id="1" preemptible="true"><nodes>
   <node-set numnodes="1"><res type="CPU" amount="100"/></node-set></nodes>
   <start><exact time="00:30:00"/></start><duration time="01:00:00"/><software><none/></software>
  </lease></lease-request>
 </lease-requests>
</lease-workload>
`;
const LEASE = '/lease-workload/lease-requests/lease-request/lease';

/** The good file with one thing changed. */
function with_(what: string, instead: string): string {
  expect(GOOD).toContain(what);
  return GOOD.replace(what, instead);
}

test('the good file is good', async () => {
  expect((await readLwf(file('w.xml', GOOD))).entries).toHaveLength(1);
});

test.each<[string, string | Buffer, string]>([
  ['empty', '', ':1: the file is empty'],
  ['not XML', 'SWF or prose', ":1: char 'S' is not expected."],
  ['cut off', GOOD.slice(0, GOOD.indexOf('</lease-workload>')), ":2: Unclosed tag 'lease-workload'."],
  ['cut off in a tag', GOOD.slice(0, GOOD.indexOf('time=')), ':8: a tag without end'],
  [
    'wrong order of closing',
    with_('</lease></lease-request>', '</lease-request></lease>'),
    ":9: Expected closing tag 'lease'",
  ],
  ['text after the end', `${GOOD}x`, ':12: Extra text at the end'],
  ['a second root', `${GOOD}<a></a>`, ':12: Multiple possible root nodes found.'],
  ['not UTF-8', Buffer.concat([Buffer.from(GOOD), Buffer.from([0xff])]), ':1: not valid UTF-8'],
  ['another encoding', with_('"1.0"?', '"1.0" encoding="UTF-16"?'), ':1: encoding "UTF-16"'],
  [
    'a DOCTYPE',
    with_('<lease-workload', '<!DOCTYPE a SYSTEM "http://x/">\n<lease-workload'),
    ':2: "<!DOCTYPE" is not accepted',
  ],
  [
    'entities',
    with_('<lease-workload', '<!DOCTYPE a [<!ENTITY b "c">]>\n<lease-workload'),
    ':2: "<!DOCTYPE" is not accepted',
  ],
  ['an entity used', with_('"w"', '"&b;"'), ':2: the entity "&b;'],
  ['a character by number', with_('"w"', '"&#65;"'), ':2: the entity "&#65;'],
  ['CDATA', with_('<none/>', '<![CDATA[<none/>]]>'), ':8: "<![CDATA[" is not accepted'],
  ['a processing instruction', with_('<none/>', '<?php x?>'), ':8: a processing instruction'],
  ['an open comment', with_('<none/>', '<!-- <none/>'), ':8: a comment without end'],
  ['nested too deep', `<a>${'<b>'.repeat(40)}`, ':1: nested more than 32 deep'],
  ['too many blanks', with_('<none/>', `<none${' '.repeat(200)}/>`), ':8: too many blanks inside a tag'],
  ['a tag too long', with_('name="w"', `name="${'w'.repeat(20_000)}"`), ':2: a tag that is too long'],
  ['"<" in a value', with_('"w"', '"<"'), ':2: "<" inside a tag'],
  ['a repeated attribute', with_('id="1"', 'id="1" id="2"'), ":6: Attribute 'id' is repeated."],
  ['a forbidden name', with_('<none/>', '<__proto__/>'), ':1: not accepted: '],
  ['another root', '<jobs/>', ':1: /jobs: unknown root element'],
])('%s', async (_, content, message) => {
  const path = file('w.xml', content);
  const error = await refusal(() => readLwf(path));
  expect(error.message).toContain(`w.xml${message}`);
  expect(error.message).not.toContain('\n');
  expect(error.hint).not.toBe('');
  expect([error.file, error.exitCode]).toEqual([path, 1]);
  expect(error.line).toBeGreaterThan(0);
});

describe('elements and attributes', () => {
  test.each<[string, string, string, number, string]>([
    [
      '<none/>',
      '<nothing/>',
      `${LEASE}/software/nothing: unknown element in <software>`,
      8,
      'Expected: none, disk-image.',
    ],
    ['<none/>', '<non/>', `${LEASE}/software/non: unknown element in <software>`, 8, 'Did you mean "none"?'],
    ['<none/>', '', `${LEASE}/software: not one kind of software`, 8, ''],
    ['<none/>', 'none', `${LEASE}/software: the text "none" is not expected here`, 8, ''],
    [' preemptible="true"', '', `${LEASE}: attribute "preemptible" is missing`, 6, 'Write <lease preemptible="…">.'],
    ['"true"', '"yes"', `${LEASE}: preemptible "yes" is not accepted`, 6, 'Write true or false.'],
    ['preemptible=', 'preemptable=', `${LEASE}: unknown attribute "preemptable"`, 6, 'Did you mean "preemptible"?'],
    ['arrival="00:00:00"', '', `${LEASE.slice(0, -6)}: attribute "arrival" is missing`, 6, ''],
    ['<start><exact time="00:30:00"/></start>', '', `${LEASE}: <start> is missing`, 6, 'Put a <start> into <lease>.'],
    ['<exact time="00:30:00"/>', '<exact/>', `${LEASE}/start/exact: attribute "time" is missing`, 8, ''],
    [
      '<exact time="00:30:00"/>',
      '<now/><exact time="00:30:00"/>',
      `${LEASE}/start: more than one kind of start`,
      8,
      '',
    ],
    ['<exact time="00:30:00"/>', '<now/><now/>', `${LEASE}/start/now[2]: a second <now>`, 8, 'Keep one of them.'],
    ['<duration time="01:00:00"/>', '', `${LEASE}: <duration> is missing`, 6, ''],
    ['<software><none/></software>', '', `${LEASE}: <software> is missing`, 6, ''],
    [
      '<res type="CPU" amount="100"/></node-set></nodes>\n   <s',
      '</node-set></nodes>\n   <s',
      `${LEASE}/nodes/node-set: <res> is missing`,
      7,
      '',
    ],
    ['numnodes="1"', '', `${LEASE}/nodes/node-set: attribute "numnodes" is missing`, 7, ''],
    ['numnodes="4"', '', '/lease-workload/site/nodes/node-set: attribute "numnodes" is missing', 4, ''],
    [
      'names="CPU Memory"',
      'names=""',
      '/lease-workload/site/resource-types: the resource name "" is not accepted',
      3,
      '',
    ],
    [
      'names="CPU Memory"',
      'names="CPU cpu Memory"',
      '/lease-workload/site/resource-types: the resource "cpu" twice',
      3,
      '',
    ],
    [
      'names="CPU Memory"',
      'names="CPU"',
      '/lease-workload/site/nodes/node-set/res[2]: the site has no resource "Memory"',
      4,
      '',
    ],
    ['amount="1024"/>', '/>', '/lease-workload/site/nodes/node-set/res[2]: not one amount', 4, ''],
  ])('%s → %s', async (what, instead, message, line, hint) => {
    const error = await refusal(() => readLwf(file('w.xml', with_(what, instead))));
    expect(error.message).toContain(`w.xml:${line}: ${message}`);
    expect(error.hint).toContain(hint);
    expect(error.path).toBe(message.split(':')[0]);
  });

  test('a workload without site needs one', async () => {
    const error = await refusal(() => readLwf(file('w.xml', GOOD.replace(/ <site>[\s\S]*<\/site>/, ''))));
    expect(error.message).toContain(':2: /lease-workload: the workload has no <site>');
    expect(error.hint).toContain('--nodes');
    await refusal(() => readHaizeaSite(file('w.xml', GOOD.replace(/ <site>[\s\S]*<\/site>/, ''))));
  });

  test('a workload without requests', async () => {
    const error = await refusal(() =>
      readLwf(file('w.xml', GOOD.replace(/<lease-request [\s\S]*<\/lease-request>/, ''))),
    );
    expect(error.message).toContain('no lease requests');
  });

  test('an id used twice', async () => {
    const request = /<lease-request [\s\S]*<\/lease-request>/.exec(GOOD)![0];
    const error = await refusal(() => readLwf(file('w.xml', GOOD.replace(request, `${request}\n${request}`))));
    expect(error.message).toContain(
      ':10: /lease-workload/lease-requests/lease-request[2]/lease: the id "1" is used twice',
    );
  });
});

describe('numbers and times', () => {
  const AMOUNT = '<node-set numnodes="1"><res type="CPU" amount="100"/>';

  test.each(['-1', 'NaN', 'Infinity', '1e400', '1e3', '0x10', '', ' ', '100.05', '99999999999', '1,5', '٣'])(
    'amount %j',
    async (amount) => {
      const error = await refusal(() => readLwf(file('w.xml', with_(AMOUNT, AMOUNT.replace('"100"', `"${amount}"`)))));
      expect(error.message).toMatch(/:7: .*\/node-set\/res: (amount .* is not accepted|the amount is too large)$/);
    },
  );

  test.each(['0', '-1', '1.5', 'NaN', '1e9', '1000001', '99999999999999999999'])('numnodes %j', async (count) => {
    const error = await refusal(() => readLwf(file('w.xml', with_('numnodes="1"', `numnodes="${count}"`))));
    expect(error.message).toMatch(/:7: .*\/node-set: numnodes .* is not accepted$/);
    expect(error.hint).toBe('Write a whole number from 1 to 1000000.');
  });

  test.each([
    '',
    '1',
    '00:60:00',
    '00:00:60',
    '01:00',
    'NaN',
    '1e9:00:00',
    '00:00:00.',
    '00:00:00.1e1',
    '--1:00:00',
    '999999999:00:00:00',
    '0x1:00:00',
    '-00:00:01',
    '00:00:00',
  ])('duration %j', async (time) => {
    const error = await refusal(() =>
      readLwf(file('w.xml', with_('duration time="01:00:00"', `duration time="${time}"`))),
    );
    expect(error.message).toMatch(/:8: .*\/lease\/duration: time .* is (no time|too small|too large)$/);
  });

  test('a negative arrival', async () => {
    const error = await refusal(() => readLwf(file('w.xml', with_('arrival="00:00:00"', 'arrival="-00:00:01"'))));
    expect(error.message).toContain('arrival "-00:00:01" is too small');
  });

  test('too many VMs, node sets and nodes', async () => {
    const set = '<node-set numnodes="1"><res type="CPU" amount="100"/></node-set>';
    const attempt = (instead: string) => refusal(() => readLwf(file('w.xml', with_(set, instead))));
    expect((await attempt(set.repeat(65))).message).toContain('too many node sets');
    expect((await attempt(set.replace('"1"', '"600000"').repeat(2))).message).toContain('1200000 VMs in one lease');
    const nodes = with_('numnodes="4"', 'numnodes="1000000"').replace(
      /(<node-set numnodes="1000000">.*?<\/node-set>)/,
      '$1$1',
    );
    expect((await refusal(() => readLwf(file('w.xml', nodes)))).message).toContain('too many nodes');
  });

  test('a deadline for a lease that starts now', async () => {
    const text = with_('<exact time="00:30:00"/>', '<now/>').replace(
      '<software>',
      '<deadline time="02:00:00"/><software>',
    );
    expect((await refusal(() => readLwf(file('w.xml', text)))).message).toContain(
      'a deadline for a lease that starts now',
    );
  });
});

test('whatever is done to a workload, it is read or refused', async () => {
  const good = readFileSync(data('haizea/25_hetero_multicpu/workload.xml'));
  const change = fc.record({
    at: fc.nat({ max: good.length }),
    cut: fc.nat({ max: 40 }),
    put: fc.constantFrom('', '<', '>', '"', '/>', '&', '-', '9', '<!--', ']]>', '\0', 'é'),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), async (changes) => {
      let text = good.toString();
      for (const { at, cut, put } of changes) text = text.slice(0, at) + put + text.slice(at + cut);
      try {
        parseXml(Buffer.from(text), 'w.xml');
        await readLwf(file('w.xml', text));
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { numRuns: 300 },
  );
});
