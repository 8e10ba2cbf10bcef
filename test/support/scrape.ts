/** Metrics as Prometheus reads them. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Scrape {
  readonly samples: readonly Sample[];
  /** Of each metric that has HELP and TYPE: its type. */
  readonly types: ReadonlyMap<string, string>;
}

/** Throws where a line is none that Prometheus takes. */
export function parseScrape(text: string): Scrape {
  const samples: Sample[] = [];
  const types = new Map<string, string>();
  for (const line of text.split('\n').filter(Boolean)) {
    const [, typed, type] = /^# TYPE (\S+) (counter|gauge|histogram|summary)$/.exec(line) ?? [];
    if (typed !== undefined) types.set(typed, type!);
    if (line.startsWith('#')) continue;
    const [, name, given = '', value] = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (name === undefined) throw new Error(`not a sample: ${line}`);
    const labels = [...given.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)",?/g)].map(([, label, one]) => [label, one]);
    samples.push({ name, labels: Object.fromEntries(labels), value: Number(value) });
  }
  return { samples, types };
}

/** The values of one metric by its labels, written `kind=a,state=b`; zeros are left out. */
export function valuesOf({ samples }: Scrape, name: string): Record<string, number> {
  const found = samples.filter((one) => one.name === name && one.value !== 0);
  const key = (labels: Sample['labels']) =>
    Object.keys(labels)
      .sort()
      .map((label) => `${label}=${labels[label]}`)
      .join();
  return Object.fromEntries(found.map(({ labels, value }) => [key(labels), value]));
}
