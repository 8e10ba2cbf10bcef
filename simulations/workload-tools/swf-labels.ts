/** The fields of SWF that leases have no place for, as labels: Haizea's names where it has one. */

/** Label by field, counted from 0. */
export const SWF_LABELS: ReadonlyMap<number, string> = new Map([
  [2, 'SWF_waittime'],
  [3, 'SWF_runtime'],
  [5, 'SWF_avgcputime'],
  [6, 'SWF_usedmem'],
  [7, 'SWF_reqprocs'],
  [9, 'SWF_reqmem'],
  [10, 'SWF_status'],
  [12, 'SWF_group'],
  [13, 'SWF_execnumber'],
  [14, 'SWF_queue'],
  [15, 'SWF_partition'],
  [16, 'SWF_precedingjob'],
  [17, 'SWF_thinktime'],
]);

/** Where formats that name their queues (Slurm's partitions, OAR's queues) keep it. */
export const QUEUE = 'queue';
/** And where SWF does. */
export const SWF_QUEUE = 'SWF_queue';
