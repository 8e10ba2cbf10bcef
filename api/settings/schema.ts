/** The JSON Schema of the settings' file, published as docs/config.schema.json. */

import { keyOf, NAMES, settingOf, variableOf } from './table.js';

export function settingsSchema(): Readonly<Record<string, unknown>> {
  const properties = NAMES.map((name) => {
    const { about, schema, default: value, unset } = settingOf(name);
    const otherwise = unset === undefined ? { default: value } : {};
    const description = `${sentence(about)} ${unset === undefined ? '' : `Default: ${unset}. `}Variable: ${variableOf(name)}.`;
    return [keyOf(name), { description, ...schema, ...otherwise }];
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Leasehold settings',
    description: 'What `leasehold serve` can be told. Settings that are not mentioned keep their default.',
    type: ['object', 'null'],
    additionalProperties: false,
    properties: Object.fromEntries(properties),
  };
}

function sentence(about: string): string {
  return `${about[0]!.toUpperCase()}${about.slice(1)}.`;
}
