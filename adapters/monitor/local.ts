/** What only the machine itself knows: its GPUs, and the memory that could be had. What goes wrong is unknown, never 0. */

import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import type { GpuSample } from '../host-samples.js';

export interface LocalFigures {
  readonly memoryAvailableMiB: number | null;
  readonly gpus: readonly GpuSample[] | null;
}

const SMI_MS = 5_000;
const SMI_BYTES_MAX = 64 * 1024;
const GPUS_MAX = 64;
const QUERY = ['--query-gpu=index,utilization.gpu,memory.used,memory.total', '--format=csv,noheader,nounits'];

export async function localFigures(): Promise<LocalFigures> {
  const [memoryAvailableMiB, gpus] = await Promise.all([memoryAvailable(), gpusBy('nvidia-smi')]);
  return { memoryAvailableMiB, gpus };
}

async function memoryAvailable(): Promise<number | null> {
  const text = await readFile('/proc/meminfo', 'utf8').catch(() => '');
  const [, kib] = /^MemAvailable: +(\d+) kB$/m.exec(text) ?? [];
  return kib === undefined ? null : Math.floor(Number(kib) / 1024);
}

/** Null: it is not installed, does not answer, or says what nobody understands. */
export function gpusBy(program: string, ms = SMI_MS): Promise<readonly GpuSample[] | null> {
  const limits = { timeout: ms, killSignal: 'SIGKILL', maxBuffer: SMI_BYTES_MAX, encoding: 'utf8' } as const;
  return new Promise((resolve) => {
    execFile(program, QUERY, limits, (error, text) => resolve(error === null ? gpusIn(text) : null));
  });
}

function gpusIn(text: string): readonly GpuSample[] | null {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0 || lines.length > GPUS_MAX) return null;
  const gpus = lines.map(gpuIn);
  return gpus.every((gpu) => gpu !== null) ? gpus : null;
}

/** `0, 45, 1234, 81559`; what a GPU does not tell is in brackets. */
function gpuIn(line: string): GpuSample | null {
  const cells = line.split(',').map((cell) => cell.trim());
  if (cells.length !== QUERY_CELLS || !cells.every((cell) => NUMBER.test(cell) || UNTOLD.test(cell))) return null;
  const [index, percent, memoryUsedMiB, memoryMiB] = cells.map((cell) => (NUMBER.test(cell) ? Number(cell) : null));
  if (index === null || index === undefined || (percent ?? 0) > 100) return null;
  return {
    index,
    share: percent == null ? null : percent / 100,
    memoryUsedMiB: memoryUsedMiB ?? null,
    memoryMiB: memoryMiB ?? null,
  };
}

const QUERY_CELLS = 4;
const NUMBER = /^\d{1,9}$/;
const UNTOLD = /^\[[A-Za-z/ ]{1,40}\]$/;
