/** The API as docs/openapi.json has it; made by `npx vitest run test/cli/generated.test.ts -u`. */

export interface paths {
    readonly "/livez": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Is it alive? */
        readonly get: operations["isAlive"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/startupz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Has it started?
         * @description The history has been read. Until then the problem says how far: `turn` of `turns`.
         */
        readonly get: operations["isStarted"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/readyz": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Is it ready?
         * @description The history has been read, the log can be written, and the loop answers.
         */
        readonly get: operations["isReady"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List leases, the latest first
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listLeases"];
        readonly put?: never;
        /**
         * Ask for a lease
         * @description Answered when the request is durable. A lease that cannot be had is kept as `rejected` and answered 409 with the reasons. With an Idempotency-Key, asking again gives the first answer again. With `repeat`, the answer lists all leases of the series, each reserved or rejected on its own; it is 409 if none can be had.
         */
        readonly post: operations["submitLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a lease */
        readonly get: operations["readLease"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Cancel a lease
         * @description A lease that runs is stopped; it is `cancelled` when its VMs are off their nodes.
         */
        readonly delete: operations["cancelLease"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Make a lease longer or shorter
         * @description `duration` is the whole of it, what has run included. A lease that runs lasts longer only where its nodes stay free for it, an advance lease only where that fits at its instant; else it stays as it is, and the answer is 409.
         */
        readonly patch: operations["changeLease"];
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/hold": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Pass a waiting lease over until it is released
         * @description A best-effort lease that waits, or is suspended. It keeps its place, and gives up its reservation.
         */
        readonly post: operations["holdLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/release": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let a lease that is on hold begin when it can
         * @description A lease that is not on hold stays as it is.
         */
        readonly post: operations["releaseLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/suspend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Save a lease that runs, until it is resumed
         * @description Its VMs are saved as soon as nobody else is in the way, and its nodes are free for others. It is `held` from now on, and loses none of its time. A lease that is suspended already stays so. Advance and deadline leases are not suspended by request: nothing could be kept for their return.
         */
        readonly post: operations["suspendLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/resume": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let a suspended lease come back when it can
         * @description It waits in the queue, at its place by its order of arrival. One that was to be suspended, and is not yet, stays.
         */
        readonly post: operations["resumeLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/reboot": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Ask guests to reboot
         * @description By their agents where these answer, else as by their power buttons. Of a lease whose VMs all run, while nothing else is under way with it: else the answer is 409, and says why. It is done when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails the lease stays as it is.
         */
        readonly post: operations["rebootLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/reset": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Reset VMs, as by a reset button
         * @description Guests are not asked, and lose what they have not written. Of a lease whose VMs all run, while nothing else is under way with it: else the answer is 409, and says why. It is done when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails the lease stays as it is.
         */
        readonly post: operations["resetLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/pause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let VMs stand still
         * @description They keep their memory, their nodes and their place; the time of the lease runs on, and the condition `paused` is true. VMs that are paused already stay so. Of a lease whose VMs all run, while nothing else is under way with it: else the answer is 409, and says why. It is done when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails the lease stays as it is.
         */
        readonly post: operations["pauseLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/unpause": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let paused VMs go on
         * @description VMs that are not paused go on anyway. Of a lease whose VMs all run, while nothing else is under way with it: else the answer is 409, and says why. It is done when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails the lease stays as it is.
         */
        readonly post: operations["unpauseLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/recover": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Get a lease going that is stuck
         * @description Where its orders are not answered, or fail. `retry`: they are sent again, which is harmless. `recreate`: it is stopped, and begins anew at its place in the queue; what it has done is lost. Best-effort leases only. `delete`: it is cancelled. `force`: its orders are taken as carried out, though nobody has said so; who does that has looked, and needs the scope `cluster:write`.
         */
        readonly post: operations["recoverLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/extend": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a lease longer
         * @description `by` how much, `until` when, or `duration` in all: one of them. `until` is known of leases that run, and of advance leases. Asked for twice, `by` counts twice: send If-Match, too. Where that does not fit, the answer is 409, with the longest that does, and it stays as it is.
         */
        readonly post: operations["extendLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/shrink": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make a lease shorter
         * @description `by` how much, `until` when, or `duration` in all: one of them. `until` is known of leases that run, and of advance leases. Asked for twice, `by` counts twice: send If-Match, too. A lease that runs must last longer than it has run.
         */
        readonly post: operations["shrinkLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/migrate": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Move a lease that runs to other nodes, without stopping it
         * @description For operators. All its VMs, or only some, are carried to other nodes, or to those named, and run on all the time. They hold what they need on both sides until they have arrived; one that could not be carried runs on where it was. Where they do not fit, the answer is 409 with the reasons, and when they would. While that goes on the lease has the condition `migrating`: a cancellation stops it at once, and other changes are refused.
         */
        readonly post: operations["migrateLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/move-disks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Move disks of VMs that run to another directory of their hosts
         * @description For operators. The VMs run on while what their disks hold is copied, and go on from the copy; the label `disks-NAME` of their nodes says which directory `to` is, and `vm-dir` is the one that they begin in. It is done when the answer comes back as ordered; `GET /v1/leases/{id}/decisions` tells how it went, and where it fails they go on from the disks that they had. Whatever else becomes due for the lease ends it.
         */
        readonly post: operations["moveLeaseDisks"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/resize": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Make the VMs of a lease larger or smaller
         * @description What is not named stays. A best-effort lease that waits takes its new size at once and keeps its place. One that runs is resized where it is, if what it needs is free on its nodes until its end; else it stays as it is, and the answer is 409 with the reasons. Its VMs run on while they grow no larger than they were made for (`max`); beyond that they are stopped for it and begin again, which has to be said by `cold`. Until it is done the lease holds the larger of both, and has the condition `resizing`. With `revertAfter` it holds the larger of both until the new size is confirmed, or has been reverted.
         */
        readonly post: operations["resizeLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/confirm": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let VMs keep the size that they would go back from
         * @description Of a lease that was resized with `revertAfter`, before that time is over. What was kept for its former size is free.
         */
        readonly post: operations["confirmResize"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/revert": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Let VMs go back to what they had, now
         * @description Of a lease that was resized with `revertAfter`, before that time is over. There is room for it: it was kept. VMs that were stopped for their new size are stopped for this, too.
         */
        readonly post: operations["revertResize"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/approve": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Approve a lease that waits for that
         * @description Operators approve all leases, project admins those of their projects. It is considered from now on, at its place by its order of arrival; where it cannot be had any more, it is rejected, and the answer is 409. A lease that waits for no approval stays as it is.
         */
        readonly post: operations["approveLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/reject": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Reject a lease that waits for an approval
         * @description Whoever may approve it may reject it; `reason` is told to its user.
         */
        readonly post: operations["rejectLease"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/decisions": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Why: what was asked, decided and seen of a lease, and what holds it back now
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listDecisions"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What the log holds of a lease: its events as they were logged
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listLeaseEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/quotes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What would become of a lease, without asking for it
         * @description Best-effort leases are quoted behind the queue as it is planned; others exactly as they would be decided just now. To hold the service to it, ask for the same lease with `commit` while the quote is valid.
         */
        readonly post: operations["askForQuote"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/slots": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * When there would be room for so many VMs, for so long
         * @description Beside all that runs, is reserved, and waits as the forecast has it. What is found is not held for anybody: ask for a reservation there, or for a quote.
         */
        readonly get: operations["listSlots"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/whatifs": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * What would become of everything, were some of it otherwise
         * @description The present, or what was the present `asOf`, goes on in a simulated world, once as it is and once with what is otherwise: leases run for as long as they may, and nobody asks for more. One runs at a time; the result is kept in memory for a while.
         */
        readonly post: operations["askWhatIf"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/whatifs/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** How far a what-if is, and its figures */
        readonly get: operations["readWhatIf"];
        readonly put?: never;
        readonly post?: never;
        /** Stop a what-if, and forget it */
        readonly delete: operations["cancelWhatIf"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/whatifs/{id}/leases": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** The leases that go otherwise */
        readonly get: operations["listWhatIfLeases"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/whatifs/{id}/schedule": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** One of the two schedules, as bars */
        readonly get: operations["readWhatIfSchedule"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/whatifs/{id}/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How far a what-if is, as it goes on
         * @description Server-sent events `progress`, each with the what-if; the last one says how it ended.
         */
        readonly get: operations["followWhatIf"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List nodes, with what is in use
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listNodes"];
        readonly put?: never;
        /**
         * Add nodes to the site
         * @description Nodes that are alike. They take VMs at once. With `names`, asking twice does no harm: the second is answered 409 `node-exists`. With `uri` it is one host with libvirt, which is asked what it has; asking again about the same host, by whatever URI, is answered 200 with the node that it is.
         */
        readonly post: operations["registerNodes"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes/{number}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /** Remove a node at once; VMs on it count as lost */
        readonly delete: operations["removeNode"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Give a node other labels
         * @description A merge patch. Refused where leases on the node, or planned there, asked for nodes as it is now; and for nodes that are planned by count (given whole, without suspension) unless they are drained and empty.
         */
        readonly patch: operations["labelNode"];
        readonly trace?: never;
    };
    readonly "/v1/nodes/{number}/drain": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Take no new VMs on a node; those it has stay, or leave by a deadline
         * @description With `by` nobody is on it from then on: who is there then is saved by that time, or stopped and queued again. Refused where leases are there then that may not be preempted, or were promised to be, unless it is forced. A node that is drained already gets another deadline. With `how` its leases leave at once: those that may be neither moved nor saved stay, and their decisions say why; asked again, they are tried again.
         */
        readonly post: operations["drainNode"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes/{number}/restore": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Take VMs on a drained node again */
        readonly post: operations["restoreNode"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes/{number}/lost": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Say that the host of a node that does not answer is off for certain */
        readonly post: operations["giveUpNode"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/nodes/{number}/usage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What a node uses: the last samples, newest first */
        readonly get: operations["readNodeUsage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/leases/{id}/usage": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** What the VMs of a lease use */
        readonly get: operations["readLeaseUsage"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/maintenance": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List windows that are not over, the earliest first
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listMaintenance"];
        readonly put?: never;
        /**
         * Plan a window in which nobody is on some nodes
         * @description Who is there then is saved by its beginning, or stopped and queued again; reservations move to other nodes. Refused where leases are there that may not be preempted, or were promised to be, unless it is forced. Afterwards the nodes are back by themselves.
         */
        readonly post: operations["planMaintenance"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/maintenance/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        readonly post?: never;
        /**
         * Call a window off, or end it now
         * @description Who was to leave, and has not begun to, stays; the nodes are free for others at once.
         */
        readonly delete: operations["cancelMaintenance"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/images": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List images, by name
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listImages"];
        readonly put?: never;
        /**
         * Register an image, and fetch it
         * @description Answered at once; `state` tells when it is there. Each VM has a disk of its own that begins with an image; only of one that is `persistent` the disk becomes the image when the lease is over. As soon as there is one, leases may name only images that are registered.
         */
        readonly post: operations["addImage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/images/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read an image, and how far it has come */
        readonly get: operations["readImage"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Remove an image that no lease uses
         * @description What is under way is broken off.
         */
        readonly delete: operations["removeImage"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/images/{name}/fetch": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /** Fetch an image again that could not be had */
        readonly post: operations["fetchImage"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/networks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List networks, by name
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listNetworks"];
        readonly put?: never;
        /**
         * Register a network
         * @description Hosts make it when the first VM needs it. It stays as it is: to change it, remove it and register it again.
         */
        readonly post: operations["addNetwork"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/networks/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a network */
        readonly get: operations["readNetwork"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Remove a network that no lease is on
         * @description Hosts that have made it remove it.
         */
        readonly delete: operations["removeNetwork"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/schedule": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The schedule as bars
         * @description Without `from` and `to`: from an hour ago until a day ahead. In order of beginning. Bars of leases that are not yours to know have no name. Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["readSchedule"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/policies": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The policy in force, and those before it, the latest first
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listPolicies"];
        readonly put?: never;
        /**
         * Adopt another policy from now on
         * @description A merge patch on the policy in force. Who waits is planned anew by it at once; who runs, or was promised an instant or a deadline, keeps what was promised. A patch that changes nothing is answered and not logged.
         */
        readonly post: operations["adoptPolicy"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/diff": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What has changed between two instants
         * @description Leases that came, changed or ended, nodes, and the policy, with the members that differ. Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["readDiff"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/events": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The log, turn by turn
         * @description Turns as they were logged (times in milliseconds since 1970): what `leasehold audit` reads. One a line, or, with `Accept: text/event-stream`, one an event whose id is the number of the turn; that stream stays open and goes on after Last-Event-ID. Empty lines and comments are signs of life. With a filter, turns hold what is wanted of them, and those that hold nothing are left out. Who may not read the log (`log:read`) is told of leases that they see, and of nothing else.
         */
        readonly get: operations["readEvents"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/head": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Where the log is, and its hash
         * @description The hash covers every turn up to the position: whoever has kept it can show later whether one was altered, left out or put in. docs/audit.md says how it is made.
         */
        readonly get: operations["readAuditHead"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/audit/checkpoints": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * Signed checkpoints, the oldest first
         * @description The last thousand; all of them are in the file that the service writes. Verified with its public key.
         */
        readonly get: operations["listCheckpoints"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/tokens": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List tokens, the oldest first
         * @description One’s own; for project admins those of their projects, for operators and auditors all. Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listTokens"];
        readonly put?: never;
        /**
         * Make a token
         * @description For oneself, or for others where the role allows. The token is in the answer, and nowhere else.
         */
        readonly post: operations["createToken"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/tokens/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read what is known of a token */
        readonly get: operations["readToken"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Revoke a token
         * @description No service of the log takes it any more within a second; streams that were opened with it end.
         */
        readonly delete: operations["revokeToken"];
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/projects": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List projects that you know of, by name
         * @description Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listProjects"];
        readonly put?: never;
        /** Make a project */
        readonly post: operations["createProject"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/projects/{name}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a project, with what its leases have */
        readonly get: operations["readProject"];
        readonly put?: never;
        readonly post?: never;
        /** Delete a project that has no leases that go on, and no tokens that are valid */
        readonly delete: operations["deleteProject"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change the title or the quota of a project
         * @description A lower quota takes nothing from leases that were admitted.
         */
        readonly patch: operations["changeProject"];
        readonly trace?: never;
    };
    readonly "/v1/me": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Who am I, and what may I do? */
        readonly get: operations["readMe"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/users": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List users, by name
         * @description Those that have leases that go on, or valid tokens; for project admins in their projects. `used` is what quotas count. Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listUsers"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * List webhooks, the oldest first
         * @description One’s own; for project admins those of their projects, for operators and auditors all. Pages of JSON; with `Accept: text/csv` or `application/x-ndjson` the whole list, or, with `page_size`, a page of it. Later pages show what was there when the first one was read.
         */
        readonly get: operations["listWebhooks"];
        readonly put?: never;
        /**
         * Have events sent to a URL
         * @description Every turn that holds something for it is sent as a POST, signed, in order, at least once, from now on. The secret that signs is in the answer, and nowhere else. Who may not read the log hears of leases that they see.
         */
        readonly post: operations["createWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** Read a webhook, and how it does */
        readonly get: operations["readWebhook"];
        readonly put?: never;
        readonly post?: never;
        /**
         * Delete a webhook
         * @description What is under way is broken off.
         */
        readonly delete: operations["deleteWebhook"];
        readonly options?: never;
        readonly head?: never;
        /**
         * Change a webhook, or switch it on again
         * @description It goes on where it stopped. Changed by its owner, it hears from now on for the credential that this was sent with.
         */
        readonly patch: operations["changeWebhook"];
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/secret": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Give a webhook another secret
         * @description It is in the answer, and nowhere else. For a day the one before signs beside it.
         */
        readonly post: operations["rotateWebhookSecret"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/test": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send something to a webhook to see whether it arrives
         * @description A signed `ping`, now, once, also where it is switched off. The answer says what became of it.
         */
        readonly post: operations["testWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/replay": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Send what a webhook was sent again, after a turn
         * @description It goes on behind that turn, backwards or forwards. What is sent again has the ids that it had: receivers that drop what they have seen drop it.
         */
        readonly post: operations["replayWebhook"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/webhooks/{id}/deliveries": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * What became of the last deliveries of a webhook, the latest first
         * @description Of the last twenty attempts, which the service that leads keeps in memory.
         */
        readonly get: operations["listWebhookDeliveries"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/diagnostics": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * How the service does
         * @description How long turns take, what waits, and what it costs. `leasehold diag` explains it.
         */
        readonly get: operations["readDiagnostics"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/limits": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /**
         * The limits
         * @description What is limited, and what is answered beyond it; null: the connection or the stream is closed.
         */
        readonly get: operations["listLimits"];
        readonly put?: never;
        readonly post?: never;
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
    readonly "/v1/ready": {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly get?: never;
        readonly put?: never;
        /**
         * Say that a VM is ready
         * @description Asked for by VMs whose lease says `"ready": { "probe": "callback" }`, by the URL that they are given; again until they are answered 204, or 404: nobody waits any more. What is in the body does not matter.
         */
        readonly post: operations["hearReady"];
        readonly delete?: never;
        readonly options?: never;
        readonly head?: never;
        readonly patch?: never;
        readonly trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        /** @description What is asked for: VMs of a capacity, for a time, beginning as `start` says. */
        readonly LeaseRequest: {
            /** @description As in a host name. */
            readonly name?: string;
            readonly vms?: number;
            /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
            readonly resources?: {
                /** @description Cpus; three decimals. */
                readonly cpu?: number;
                readonly memoryMiB?: number;
                readonly diskMiB?: number;
            } & {
                readonly [key: string]: number;
            };
            /** @description How large a VM may become without being stopped: see resizing. What is not named stays as it begins. */
            readonly max?: {
                /** @description Cpus; three decimals. */
                readonly cpu?: number;
                readonly memoryMiB?: number;
                readonly diskMiB?: number;
            } & {
                readonly [key: string]: number;
            };
            readonly image?: string;
            /** @description VMs that differ, instead of `vms`, `resources`, `max` and `image`. */
            readonly groups?: readonly {
                /** @description As in a host name. */
                readonly name?: string;
                readonly vms: number;
                /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
                readonly resources: {
                    /** @description Cpus; three decimals. */
                    readonly cpu?: number;
                    readonly memoryMiB?: number;
                    readonly diskMiB?: number;
                } & {
                    readonly [key: string]: number;
                };
                /** @description How large a VM may become without being stopped: see resizing. What is not named stays as it begins. */
                readonly max?: {
                    /** @description Cpus; three decimals. */
                    readonly cpu?: number;
                    readonly memoryMiB?: number;
                    readonly diskMiB?: number;
                } & {
                    readonly [key: string]: number;
                };
                readonly image?: string;
            }[];
            /** @description ISO 8601 (`PT1H30M`), short (`1h30m`) or seconds. */
            readonly duration: string | number;
            /** @description When to begin; `best-effort`, when possible, if left out. */
            readonly start?: {
                /** @enum {string} */
                readonly kind: "best-effort";
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly before?: string;
            } | {
                /** @enum {string} */
                readonly kind: "immediate";
            } | {
                /** @enum {string} */
                readonly kind: "advance";
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly at: string;
            } | {
                /** @enum {string} */
                readonly kind: "deadline";
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly notBefore?: string;
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly by: string;
            };
            /** @description Not to be considered before it is released. Best-effort leases only. */
            readonly held?: boolean;
            /** @description Not to be considered before these have begun to run (`start`) or are done (`end`, if left out). They must not be over yet; if one of them does not end well, this one is rejected. Best-effort leases only. */
            readonly after?: readonly {
                readonly lease: string;
                /** @enum {string} */
                readonly on?: "start" | "end";
            }[];
            /** @description A series of advance leases, the first at `start.at`. */
            readonly repeat?: {
                /** @description From one start to the next. */
                readonly every: string | number;
                readonly times: number;
            };
            /** @description When to say that it ends: each within its duration. In any order. */
            readonly warnings?: readonly (string | number)[];
            /** @description Whether it may be suspended for others; if left out, best-effort leases may. */
            readonly preemptible?: boolean;
            /** @description Of leases that wait, more is served first. */
            readonly priority?: number;
            /**
             * @description What becomes of it when a node that it has VMs on is lost: it keeps its place and waits for the node, it waits in the queue again (best-effort only, and what is done if left out), also to begin from the disks that its VMs had (`migrate`; it asks for nodes of one storage: `where.labels.storage`), or it is over (the others).
             * @enum {string}
             */
            readonly onNodeLost?: "wait" | "restart" | "migrate" | "delete";
            /** @description What is paid at most, in currency units per VM-hour with six decimals; if left out, any price. */
            readonly maxRate?: number;
            readonly labels?: {
                readonly [key: string]: string;
            };
            /** @description Which nodes may be used: `labels` that they carry, expressions over their facts and labels, and `nodes` by name. */
            readonly where?: {
                readonly labels?: {
                    readonly [key: string]: string;
                };
                /** @description What must be true of a node: `gpu >= 1 && site == "lyon"`. */
                readonly requirements?: string;
                /** @description Nodes of a higher rank come first: `-(vms * 50 + cpuFree)`. */
                readonly rank?: string;
                /** @description Only these nodes, by name or number, and in this order. */
                readonly nodes?: readonly (number | string)[];
            };
            /** @description What is said of its VMs to whoever makes them. It is not shown again. */
            readonly machine?: {
                /** @description A network of the site, by its name; its usual one if left out. */
                readonly network?: string;
                /** @description Who may log in: public keys of OpenSSH, a line each. */
                readonly sshKeys?: readonly string[];
                /** @description When a VM counts as started: when its guest agent answers, it calls the URL that it is given, or somebody listens at a TCP port of it. Where too few are ready in time, the start has failed. If left out, as soon as it runs. */
                readonly ready?: {
                    readonly probe: "agent" | "callback" | {
                        /** @description A port that somebody listens at. */
                        readonly tcp: number;
                    };
                    /** @description So long after it was started, or after another of its lease became ready: a second to an hour; 5 minutes if left out. */
                    readonly timeout?: string | number;
                    /** @description So many VMs of the lease that are ready in time are enough. If left out, all of them. */
                    readonly atLeast?: number;
                };
                /** @description For the guest, word for word: `#cloud-config`, a script, or what else its image reads. */
                readonly userData?: string;
                /** @description Hardware, as a `<domain>` of libvirt: cpu, features, clock, video, input, watchdog and panic. */
                readonly template?: string;
                /** @description What its disk is: `overlay` keeps only what differs from the image, which stays on the host, and is meant if left out; `full` is a copy of the image. */
                readonly disk?: "overlay" | "full";
                /** @description The processor: `host-model`, `host-passthrough`, `maximum`, or a name that QEMU has for one, as `EPYC`; what it takes by itself if left out. */
                readonly cpuModel?: string;
                /** @description What boots it: a BIOS, if left out, or EFI, which its host must have (OVMF), without Secure Boot. */
                readonly firmware?: "bios" | "efi";
                /** @description The board that it is on, by the name that QEMU has for it: `q35`; the usual one if left out. */
                readonly board?: string;
            };
            readonly user?: string;
            readonly project?: string;
            /** @description The quote that is to hold; for this very request. */
            readonly commit?: string;
        };
        readonly Lease: {
            readonly id: string;
            readonly name: string | null;
            /** @enum {string} */
            readonly state: "waiting" | "reserved" | "starting" | "active" | "suspending" | "suspended" | "resuming" | "stopping" | "done" | "rejected" | "cancelled" | "failed" | "expired";
            /** @enum {string} */
            readonly kind: "best-effort" | "immediate" | "advance" | "deadline";
            readonly user: string | null;
            readonly project: string | null;
            readonly labels: {
                readonly [key: string]: string;
            };
            readonly vms: number;
            readonly groups: readonly {
                readonly name: string | null;
                readonly vms: number;
                readonly resources: {
                    readonly [key: string]: number;
                };
                readonly max?: {
                    readonly [key: string]: number;
                };
                readonly image: string | null;
            }[];
            /** @description When its VMs go back to what they had, unless what they have is confirmed before. */
            readonly revert?: {
                /** Format: date-time */
                readonly at: string;
                /** @description What the VMs of each group go back to, in order. */
                readonly groups: readonly {
                    readonly [key: string]: number;
                }[];
            };
            /** @description ISO 8601 duration */
            readonly duration: string;
            readonly start: {
                /** @enum {string} */
                readonly kind: "best-effort" | "immediate" | "advance" | "deadline";
                readonly before?: string | null;
                /** Format: date-time */
                readonly at?: string;
                /** Format: date-time */
                readonly notBefore?: string;
                /** Format: date-time */
                readonly by?: string;
            };
            readonly preemptible: boolean;
            readonly priority: number;
            /** @description What is paid at most per VM-hour; null: any price. */
            readonly maxRate: number | null;
            /** @description What it costs, in currency units; null: it was not priced. */
            readonly price: number | null;
            /**
             * @description What becomes of it when a node that it has VMs on is lost.
             * @enum {string}
             */
            readonly onNodeLost: "wait" | "restart" | "migrate" | "delete";
            /** @description It is passed over until it is released. */
            readonly held: boolean;
            /** @description What it was to follow, as asked for. */
            readonly after: readonly {
                readonly lease: string;
                /** @enum {string} */
                readonly on: "start" | "end";
            }[];
            readonly where: {
                readonly labels: {
                    readonly [key: string]: string;
                };
                readonly requirements: string | null;
                readonly rank: string | null;
                /** @description Their numbers; null: any. */
                readonly nodes: readonly number[] | null;
            } | null;
            /** @description How long before its end it is said that it ends. */
            readonly warnings: readonly string[];
            /** @description The warning that was given last, and of which end. */
            readonly warned: {
                /** Format: date-time */
                readonly end: string;
                /** @description ISO 8601 duration */
                readonly before: string;
            } | null;
            /** Format: date-time */
            readonly submitted: string;
            /** @description The planned beginning, or that of the current run. */
            readonly from: string | null;
            /** @description The planned end. */
            readonly until: string | null;
            /** @description When it first ran. */
            readonly firstStart: string | null;
            readonly ended: string | null;
            /** @description What is left of its duration while it does not run; null once it is over. */
            readonly remaining: string | null;
            readonly nodes: string | null;
            readonly runs: readonly {
                /** Format: date-time */
                readonly from: string;
                /** @description null: it goes on */
                readonly until: string | null;
                /** @description Numbers of the VMs: `1-4` */
                readonly vms: string;
                /** @description Nodes of the VMs in their order: `1-3 5` */
                readonly nodes: string;
            }[];
            readonly suspensions: readonly {
                /** Format: date-time */
                readonly from: string;
                /** @description null: it goes on */
                readonly until: string | null;
                /** @description Numbers of the VMs: `1-4` */
                readonly vms: string;
                /** @description Nodes of the VMs in their order: `1-3 5` */
                readonly nodes: string;
            }[];
            readonly resumptions: readonly {
                /** Format: date-time */
                readonly from: string;
                /** @description null: it goes on */
                readonly until: string | null;
                /** @description Numbers of the VMs: `1-4` */
                readonly vms: string;
                /** @description Nodes of the VMs in their order: `1-3 5` */
                readonly nodes: string;
            }[];
            readonly forecast?: {
                /** Format: date-time */
                readonly start: string;
                /** @description The turn of the log. */
                readonly basedOn: number;
            } | null;
            /** @description By which its VMs are reached, as it was seen last. Left out where nothing is known. It is not in the log: the service that leads knows it, and the ETag stays as it is. */
            readonly addresses?: readonly {
                /** @description Its number. */
                readonly vm: number;
                /** @description Where it runs. */
                readonly node: number;
                readonly address: string;
                /** @description Of its interface. */
                readonly mac: string;
                /**
                 * @description Who says so: the DHCP of its host, what its host has seen, or the guest itself.
                 * @enum {string}
                 */
                readonly source: "lease" | "arp" | "agent";
            }[];
            /** @description Those of the last decision that gave any. */
            readonly reasons: readonly {
                readonly code: string;
                readonly message: string;
                /** @description Lease ids, or `node:<number>`. */
                readonly blockers: readonly string[];
                /** @description How many further blockers there are. */
                readonly more: number;
                readonly resource: string | null;
                readonly need: number | null;
                readonly have: number | null;
                /** @description When this reason can hold no longer at the earliest, by what was planned when it was given. */
                readonly earliestRelease: string | null;
                /** @description What somebody had to say of it. */
                readonly detail?: string;
            }[];
            readonly conditions: readonly {
                readonly type: string;
                readonly status: boolean;
                /** Format: date-time */
                readonly since: string;
                readonly turn: number;
            }[];
            /** @description The turn of its last change; also its ETag. */
            readonly turn: number;
        };
        readonly Reason: {
            readonly code: string;
            readonly message: string;
            /** @description Lease ids, or `node:<number>`. */
            readonly blockers: readonly string[];
            /** @description How many further blockers there are. */
            readonly more: number;
            readonly resource: string | null;
            readonly need: number | null;
            readonly have: number | null;
            /** @description When this reason can hold no longer at the earliest, by what was planned when it was given. */
            readonly earliestRelease: string | null;
            /** @description What somebody had to say of it. */
            readonly detail?: string;
        };
        readonly Decisions: {
            readonly lease: string;
            /** @description The life of the lease as logged, oldest first. */
            readonly items: readonly {
                readonly turn: number;
                /** Format: date-time */
                readonly at: string;
                /** Format: date-time */
                readonly happened?: string;
                /**
                 * @description What was asked, what the cluster saw (at `happened`, where that was earlier), or what was decided.
                 * @enum {string}
                 */
                readonly kind: "request" | "observation" | "decision";
                readonly type: string;
                /** @description Another lease that the decision is on: it makes room for this one. */
                readonly about?: string;
                readonly message: string;
                /** @description What decided: knobs as in policy files. Null where nothing was decided. */
                readonly rule: string | null;
                readonly order?: string;
                readonly after?: readonly string[];
                readonly deadline?: string | null;
                /** Format: date-time */
                readonly from?: string;
                /** Format: date-time */
                readonly until?: string;
                /** @description Nodes of the VMs in their order: `1-3 5` */
                readonly nodes?: string;
                readonly vms?: string;
                readonly steps?: readonly {
                    readonly vms: string;
                    /** Format: date-time */
                    readonly from: string;
                    /** Format: date-time */
                    readonly until: string;
                }[];
                readonly cause?: string;
                readonly afterwards?: string;
                readonly outcome?: string;
                readonly reasons: readonly {
                    readonly code: string;
                    readonly message: string;
                    /** @description Lease ids, or `node:<number>`. */
                    readonly blockers: readonly string[];
                    /** @description How many further blockers there are. */
                    readonly more: number;
                    readonly resource: string | null;
                    readonly need: number | null;
                    readonly have: number | null;
                    /** @description When this reason can hold no longer at the earliest, by what was planned when it was given. */
                    readonly earliestRelease: string | null;
                    /** @description What somebody had to say of it. */
                    readonly detail?: string;
                }[];
            }[];
            readonly now: {
                /** Format: date-time */
                readonly at: string;
                /** @enum {string} */
                readonly state: "waiting" | "reserved" | "starting" | "active" | "suspending" | "suspended" | "resuming" | "stopping" | "done" | "rejected" | "cancelled" | "failed" | "expired";
                /** @description Why it is not running at this moment; computed, not logged. */
                readonly reasons: readonly {
                    readonly code: string;
                    readonly message: string;
                    /** @description Lease ids, or `node:<number>`. */
                    readonly blockers: readonly string[];
                    /** @description How many further blockers there are. */
                    readonly more: number;
                    readonly resource: string | null;
                    readonly need: number | null;
                    readonly have: number | null;
                    /** @description When this reason can hold no longer at the earliest, by what was planned when it was given. */
                    readonly earliestRelease: string | null;
                    /** @description What somebody had to say of it. */
                    readonly detail?: string;
                }[];
            };
            readonly nextPageToken: string | null;
        };
        readonly Node: {
            readonly number: number;
            readonly name: string;
            /**
             * @description `unreachable`: it would take VMs, but its host cannot be reached just now; `conditions` say why.
             * @enum {string}
             */
            readonly status: "up" | "unreachable" | "draining" | "lost" | "gone";
            /**
             * @description How busy it was seen to be last.
             * @enum {string}
             */
            readonly load: "idle" | "low" | "high" | "unknown";
            readonly capacity: {
                readonly [key: string]: number;
            };
            readonly used: {
                readonly [key: string]: number;
            };
            readonly exclusive: boolean;
            readonly labels: {
                readonly [key: string]: string;
            };
            /** @description Leases with VMs on it that you know of. */
            readonly leases: readonly string[];
            /** @description By when it is drained; null: there is no deadline. */
            readonly emptyBy: string | null;
            /** @description What is wrong with its host, as the service that leads knows just now; none where the past is read. */
            readonly conditions: readonly {
                /**
                 * @description `unreachable`: nothing can be started there; `capacity-beyond-host`: the site says more than the host has; `no-kvm`: its VMs do not run under KVM.
                 * @enum {string}
                 */
                readonly type: "unreachable" | "capacity-beyond-host" | "no-kvm";
                readonly detail: string;
                /** Format: date-time */
                readonly since: string;
            }[];
        };
        readonly NodeUsage: {
            readonly number: number;
            /**
             * @description What policies go by: the log has its changes only.
             * @enum {string}
             */
            readonly load: "idle" | "low" | "high" | "unknown";
            readonly samples: readonly {
                /** Format: date-time */
                readonly at: string;
                /** @description Of all processors, since the sample before; null: unknown. */
                readonly cpuShare: number | null;
                /** @description All of it. MiB; null: unknown. */
                readonly memoryMiB: number | null;
                /** @description What could be had at once. MiB; null: unknown. */
                readonly memoryAvailableMiB: number | null;
                /** @description Of the file system that VMs’ files are on. MiB; null: unknown. */
                readonly diskMiB: number | null;
                /** @description What is free of it. MiB; null: unknown. */
                readonly diskAvailableMiB: number | null;
                /** @description null: unknown; known only of the machine of the service, by nvidia-smi. */
                readonly gpus: readonly {
                    readonly index: number;
                    /** @description From 0, nothing to do, to 1; null: unknown. */
                    readonly share: number | null;
                    /** @description In use. MiB; null: unknown. */
                    readonly memoryUsedMiB: number | null;
                    /** @description All of it. MiB; null: unknown. */
                    readonly memoryMiB: number | null;
                }[] | null;
                /** @description VMs of leases that run on it. */
                readonly vms: number;
            }[];
            /** @description Why there are no samples; null: there are. */
            readonly why: string | null;
        };
        readonly LeaseUsage: {
            readonly lease: string;
            /** @description Those that run, as they were seen last. */
            readonly vms: readonly {
                readonly vm: number;
                readonly node: number;
                /** Format: date-time */
                readonly at: string;
                /** @description Processors that it kept busy since the sample before; null: unknown. */
                readonly cpus: number | null;
                /** @description Of processors, since it was started there. */
                readonly cpuSeconds: number;
                /** @description What it was given. MiB; null: unknown. */
                readonly memoryMiB: number | null;
                /** @description What of it is in use, as its guest says. MiB; null: unknown. */
                readonly memoryUsedMiB: number | null;
                /** @description What its disks take on the host. */
                readonly diskAllocatedMiB: number;
                /** @description Read. Bytes a second since the sample before; null: unknown. */
                readonly diskReadPerSecond: number | null;
                /** @description Written. Bytes a second since the sample before; null: unknown. */
                readonly diskWrittenPerSecond: number | null;
                /** @description Received. Bytes a second since the sample before; null: unknown. */
                readonly netReceivedPerSecond: number | null;
                /** @description Sent. Bytes a second since the sample before; null: unknown. */
                readonly netSentPerSecond: number | null;
                /** @description How far it has come on its way; null: it stays where it is, or nobody can say. */
                readonly moving: {
                    /**
                     * @description `vm`: to another host, while it runs. `disk`: to another directory.
                     * @enum {string}
                     */
                    readonly what: "vm" | "disk";
                    readonly doneMiB: number;
                    /** @description As far as is known: what is written meanwhile comes on top. */
                    readonly totalMiB: number;
                } | null;
            }[];
            /** @description Why there are none; null: there are. */
            readonly why: string | null;
        };
        readonly Bar: {
            /** @description null: it is of another project. */
            readonly lease: string | null;
            readonly name: string | null;
            /** @enum {string} */
            readonly state: "waiting" | "reserved" | "starting" | "active" | "suspending" | "suspended" | "resuming" | "stopping" | "done" | "rejected" | "cancelled" | "failed" | "expired";
            /** @enum {string} */
            readonly activity: "run" | "suspension" | "migration" | "resumption" | "shutdown";
            /** @enum {string} */
            readonly phase: "past" | "now" | "planned";
            /** Format: date-time */
            readonly from: string;
            /** @description null: it goes on beyond its plan */
            readonly until: string | null;
            readonly vms: string;
            /** @description null: nodes are chosen when it starts */
            readonly nodes: string | null;
        };
        /** @description A signed checkpoint, as it is in the file of checkpoints. */
        readonly Checkpoint: {
            /** @enum {number} */
            readonly checkpoint: 1;
            /** @description Which log: the hash of its first turn. */
            readonly log: string;
            readonly position: number;
            /** @description SHA-256, in hex. */
            readonly hash: string;
            /** Format: date-time */
            readonly time: string;
            /** @description Which key signed it. */
            readonly key: string;
            /** @description The key that signs from now on (SPKI, base64). */
            readonly next?: string;
            /** @description Ed25519, base64. */
            readonly signature: string;
        };
        readonly Image: {
            readonly name: string;
            /** @description Without its query for whoever may not change images. */
            readonly source: string;
            /**
             * @description What it is; it is never guessed.
             * @enum {string}
             */
            readonly format: "qcow2" | "raw" | "iso";
            /** @description What the VM that has it writes stays in it. */
            readonly persistent: boolean;
            /**
             * @description `pending`: it waits for its turn to be fetched. `saving`: what a VM has written is being read into it.
             * @enum {string}
             */
            readonly state: "pending" | "fetching" | "ready" | "saving" | "failed";
            /** @description Of what is there, or what it must be; null: not known yet. */
            readonly sha256: string | null;
            /** @description Of the file; null: it is not there. */
            readonly bytes: number | null;
            /** @description Of the disk, as a guest sees it. */
            readonly virtualBytes: number | null;
            /** @description How far it has come; null: it is not being fetched, or by another service. */
            readonly progress: {
                readonly bytes: number;
                /** @description null: the source does not say. */
                readonly total: number | null;
            } | null;
            /** @description Why it could not be had. */
            readonly failure: {
                /** @enum {string} */
                readonly code: "source-refused" | "source-failed" | "too-large" | "too-slow" | "checksum-mismatch" | "image-refused" | "no-room";
                readonly detail: string;
            } | null;
            /** @description So many leases that are not over use it. */
            readonly leases: number;
            /** Format: date-time */
            readonly created: string;
            /** @description Who registered it. */
            readonly by: string;
        };
        readonly Network: {
            readonly name: string;
            /**
             * @description `nat`: made on each host; VMs reach what the host reaches. `isolated`: made on each host, without a way out. `own`: like `isolated`, and each lease has one to itself. `bridge`: is there on each host already.
             * @enum {string}
             */
            readonly kind: "nat" | "isolated" | "own" | "bridge";
            /** @description null: others hand out addresses. */
            readonly range: string | null;
            readonly bridge: string | null;
            readonly openVswitch: boolean;
            readonly vlan: number | null;
            readonly gateway: string | null;
            readonly nameservers: readonly string[];
            /** @description So many VMs can have addresses of it, or leases where each has its own; null: nobody knows. */
            readonly room: number | null;
            /** @description So many have. */
            readonly used: number;
            /** @description So many leases that are not over name it, or have addresses of it. */
            readonly leases: number;
            /** Format: date-time */
            readonly created: string;
            /** @description Who registered it. */
            readonly by: string;
        };
        readonly Maintenance: {
            readonly id: string;
            readonly nodes: readonly number[];
            /** Format: date-time */
            readonly from: string;
            /** Format: date-time */
            readonly until: string;
            readonly reason: string | null;
        };
        readonly Policy: {
            /** @description The turn that brought it; also its ETag. */
            readonly turn: number;
            /** Format: date-time */
            readonly at: string;
            /** @description All knobs, as in a policy file. */
            readonly knobs: {
                readonly [key: string]: unknown;
            };
            /** @description Knobs that are not as they were before it. */
            readonly changed: readonly string[];
        };
        /** @description Knobs as in a policy file; those that are not named stay as they are. null: no value, or the default. */
        readonly PolicyPatch: {
            /**
             * @description The version of the rules that read these knobs. Accepted: 1.
             * @default 1
             * @enum {unknown}
             */
            readonly rules: 1;
            /**
             * @description How leases behind the first waiting one are treated; intermediate:N protects the first N, sticky:N lets N hold a reservation that stays where it is. Accepted: none, easy, conservative, intermediate:N, sticky:N or sticky:all.
             * @default easy
             */
            readonly backfilling: string;
            /**
             * @description How many waiting leases are tried for backfilling in a turn; null: all. Accepted: a whole number from 1 to 1000000000, or null.
             * @default null
             */
            readonly "candidates-max": null | number;
            /**
             * @description The order in which waiting leases are served: as they came, or by effective priority first. Accepted: arrival or priority.
             * @default priority
             * @enum {unknown}
             */
            readonly "queue-order": "arrival" | "priority";
            /**
             * @description Points of effective priority for each step of a lease's own priority. Accepted: a whole number from 0 to 1000000000.
             * @default 1
             */
            readonly "priority-weight": number;
            /**
             * @description Points of effective priority for each thousandth of age-max that a lease has been here. Accepted: a whole number from 0 to 1000000000.
             * @default 0
             */
            readonly "age-weight": number;
            /**
             * @description The age from which on a lease gets no more points for it. Accepted: a duration (10m, PT10M, or seconds).
             * @default 604800
             */
            readonly "age-max": number | string;
            /**
             * @description Points for accounts that had less than their share; null: none. Accepted: null or a mapping of by (user or project), half-life (a duration (10m, PT10M, or seconds)), weight (a whole number from 0 to 1000000000), shares (a mapping of accounts to whole numbers from 1 to 1000000).
             * @default null
             */
            readonly "fair-share": null | {
                /** @enum {unknown} */
                readonly by: "user" | "project";
                readonly "half-life": number | string;
                readonly weight: number;
                readonly shares: {
                    readonly [key: string]: number;
                };
            };
            /**
             * @description Which leases are turned away before they are scheduled. Accepted: accept-all@1 or no-advance@1.
             * @default accept-all@1
             * @enum {unknown}
             */
            readonly admission: "accept-all@1" | "no-advance@1";
            /**
             * @description How long before its start an advance lease must be asked for. Accepted: a duration (10m, PT10M, or seconds).
             * @default 0
             */
            readonly "minimum-notice": number | string;
            /**
             * @description Leases that wait until they are approved: those of which all that a rule names is true. None: no lease does. Accepted: a list of at most 16 rules, each a mapping of kinds (null or a list of best-effort, immediate, advance, deadline), projects (null or a list of 1 to 64 projects), vms-over (null or a whole number from 0 to 1000000000), cpu-over (null or a number from 0 to 1000000000), duration-over (a duration (10m, PT10M, or seconds) or null).
             * @default []
             */
            readonly approval: readonly {
                readonly kinds?: null | readonly ("best-effort" | "immediate" | "advance" | "deadline")[];
                readonly projects?: null | readonly string[];
                readonly "vms-over"?: null | number;
                readonly "cpu-over"?: null | number;
                readonly "duration-over"?: null | number | string;
            }[];
            /**
             * @description How much a user, or a project, may have of all leases that are not over; null, or left out: no limit. Accepted: a mapping of user (null or a mapping of leases (null or a whole number from 0 to 1000000000), vms (null or a whole number from 0 to 1000000000), cpu (null or a number from 0 to 1000000000), advance (null or a whole number from 0 to 1000000000)), project (null or a mapping of leases (null or a whole number from 0 to 1000000000), vms (null or a whole number from 0 to 1000000000), cpu (null or a number from 0 to 1000000000), advance (null or a whole number from 0 to 1000000000)).
             * @default {
             *       "user": null,
             *       "project": null
             *     }
             */
            readonly quotas: {
                readonly user?: null | {
                    readonly leases?: null | number;
                    readonly vms?: null | number;
                    readonly cpu?: null | number;
                    readonly advance?: null | number;
                };
                readonly project?: null | {
                    readonly leases?: null | number;
                    readonly vms?: null | number;
                    readonly cpu?: null | number;
                    readonly advance?: null | number;
                };
            };
            /**
             * @description What leases cost; rates are in currency units per VM-hour, with up to six decimals. Accepted: a mapping of kind (free); or a mapping of kind (constant), rate (a rate per VM-hour from 0 to 1000); or a mapping of kind (random), min (a rate per VM-hour from 0 to 1000), max (a rate per VM-hour from 0 to 1000), seed (a whole number from 0 to 4294967295); or a mapping of kind (maximum); or a mapping of kind (adaptive), rate (a rate per VM-hour from 0 to 1000).
             * @default {
             *       "kind": "free"
             *     }
             */
            readonly pricing: {
                /** @enum {unknown} */
                readonly kind: "free";
            } | {
                /** @enum {unknown} */
                readonly kind: "constant";
                readonly rate: number;
            } | {
                /** @enum {unknown} */
                readonly kind: "random";
                readonly min: number;
                readonly max: number;
                readonly seed: number;
            } | {
                /** @enum {unknown} */
                readonly kind: "maximum";
            } | {
                /** @enum {unknown} */
                readonly kind: "adaptive";
                readonly rate: number;
            };
            /**
             * @description Which kinds of lease may preempt preemptible leases. Accepted: a list of advance, immediate, deadline.
             * @default [
             *       "advance",
             *       "immediate"
             *     ]
             */
            readonly preemptors: readonly ("advance" | "immediate" | "deadline")[];
            /**
             * @description Which kinds of preemptible lease may be preempted; immediate ones only if they can be suspended, and those with a deadline only for others with one, while they run, and if they then still keep it. Accepted: a list of best-effort, immediate, deadline.
             * @default [
             *       "best-effort"
             *     ]
             */
            readonly victims: readonly ("best-effort" | "immediate" | "deadline")[];
            /**
             * @description Which preemptible leases go first. Accepted: least-cost@1 or oldest-first@1 or youngest-first@1 or lowest-priority@1.
             * @default least-cost@1
             * @enum {unknown}
             */
            readonly "victim-order": "least-cost@1" | "oldest-first@1" | "youngest-first@1" | "lowest-priority@1";
            /**
             * @description Whether the fewest victims are looked for, or they are taken in order until it suffices. Accepted: fewest or in-order.
             * @default fewest
             * @enum {unknown}
             */
            readonly "victim-choice": "fewest" | "in-order";
            /**
             * @description Leases submitted longer ago are not preempted; null: however old. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "victim-age-max": null | number | string;
            /**
             * @description Deadline leases with at most so many times their duration are tried at their earliest start first. Accepted: a number from 0 to 1000.
             * @default 2
             */
            readonly "deadline-exact-slack": number;
            /**
             * @description Whether preempted leases are suspended (serial-only: of one VM), or stopped and queued again. Accepted: none or serial-only or all.
             * @default all
             * @enum {unknown}
             */
            readonly suspension: "none" | "serial-only" | "all";
            /**
             * @description MiB a second that a node writes while suspending. Accepted: a number from 0.1 to 1000000000.
             * @default 50
             */
            readonly "suspend-rate": number;
            /**
             * @description MiB a second that a node reads while resuming. Accepted: a number from 0.1 to 1000000000.
             * @default 50
             */
            readonly "resume-rate": number;
            /**
             * @description How long suspending a VM takes, whatever its memory; null: as the rate says. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "suspend-time": null | number | string;
            /**
             * @description How long resuming a VM takes, whatever its memory; null: as the rate says. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "resume-time": null | number | string;
            /**
             * @description Whether VMs are suspended one after another on each node, or of the whole lease. Accepted: local or global.
             * @default local
             * @enum {unknown}
             */
            readonly "suspend-exclusion": "local" | "global";
            /**
             * @description Whether VMs of different leases are kept from being saved at the same time, too. Accepted: true or false.
             * @default true
             */
            readonly "suspend-exclusion-across": boolean;
            /**
             * @description Whether suspensions and migrations are planned as long as they take, or as Haizea does. Accepted: exact or haizea.
             * @default exact
             * @enum {unknown}
             */
            readonly estimates: "exact" | "haizea";
            /**
             * @description Whether a lease may begin before a reservation that it must be suspended for (sticky only). Accepted: true or false.
             * @default true
             */
            readonly "suspend-ahead": boolean;
            /**
             * @description A lease begins only where it can run for so long; null: for as long as saving takes. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "suspend-threshold": null | number | string;
            /**
             * @description How much longer than saving takes a lease must be able to run: 1 is as long again. Accepted: a number from 0 to 1000.
             * @default 1
             */
            readonly "suspend-threshold-factor": number;
            /**
             * @description How long telling a node to suspend, resume or shut down a VM takes. Accepted: a duration (10m, PT10M, or seconds).
             * @default 0
             */
            readonly "enactment-overhead": number | string;
            /**
             * @description How long VMs take to shut down when their time is over. Accepted: a duration (10m, PT10M, or seconds).
             * @default 0
             */
            readonly "shutdown-time": number | string;
            /**
             * @description Whether durations that follow from rates are rounded up to whole seconds. Accepted: true or false.
             * @default false
             */
            readonly "whole-seconds": boolean;
            /**
             * @description Whether a suspended lease may resume on other nodes; no-transfer: images are on shared storage. Accepted: no or yes or no-transfer.
             * @default no
             * @enum {unknown}
             */
            readonly migration: "no" | "yes" | "no-transfer";
            /**
             * @description Mbit a second between two nodes. Accepted: a whole number from 1 to 1000000000.
             * @default 1000
             */
            readonly "migration-rate": number;
            /**
             * @description When VMs go to other nodes without stopping: never, where asked for, or also for maintenance. Accepted: no or asked or maintenance.
             * @default asked
             * @enum {unknown}
             */
            readonly "live-migration": "no" | "asked" | "maintenance";
            /**
             * @description Whether disk images are sent to nodes before leases start, one transfer at a time. Accepted: none or transfer.
             * @default none
             * @enum {unknown}
             */
            readonly preparation: "none" | "transfer";
            /**
             * @description Mbit a second that the repository sends. Accepted: a whole number from 1 to 1000000000.
             * @default 1000
             */
            readonly "image-rate": number;
            /**
             * @description How long sending an image takes, whatever its size; null: as the rate says. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "image-transfer-time": null | number | string;
            /**
             * @description Whether an image is sent once for every VM, or once for all VMs of a lease. Accepted: unicast or multicast.
             * @default multicast
             * @enum {unknown}
             */
            readonly "image-transfer": "unicast" | "multicast";
            /**
             * @description Whether a lease may join a multicast of its image that has not begun. Accepted: true or false.
             * @default true
             */
            readonly "image-piggyback": boolean;
            /**
             * @description Whether nodes keep images for later leases. Accepted: none or cache.
             * @default cache
             * @enum {unknown}
             */
            readonly "image-reuse": "none" | "cache";
            /**
             * @description How many MiB of images a node keeps; null: without limit. Accepted: a whole number from 0 to 1000000000, or null.
             * @default 20480
             */
            readonly "image-cache-max": null | number;
            /**
             * @description Whether images are sent ahead, while nothing else is, to where waiting leases are to begin. Accepted: true or false.
             * @default false
             */
            readonly "image-prefetch": boolean;
            /**
             * @description Which node takes the next VM. Accepted: greedy@1 or first@1 or packed@1 or striping@1 or round-robin@1 or n-by-hosts@1 or load-aware@1 or by-load@1 or fixed-priority@1 or random@1.
             * @default greedy@1
             * @enum {unknown}
             */
            readonly "node-choice": "greedy@1" | "first@1" | "packed@1" | "striping@1" | "round-robin@1" | "n-by-hosts@1" | "load-aware@1" | "by-load@1" | "fixed-priority@1" | "random@1";
            /**
             * @description What the node choice takes: n of n-by-hosts@1, seed of random@1. Accepted: options with whole numbers from 0 to 1000000000, as in {n: 2}.
             * @default {}
             */
            readonly "node-choice-options": {
                readonly [key: string]: number;
            };
            /**
             * @description How VMs that differ are packed: by several orders and a short search, or node after node. Accepted: search or next-fit.
             * @default search
             * @enum {unknown}
             */
            readonly packing: "search" | "next-fit";
            /**
             * @description How many times a resource of a shared node may be leased, by its name; 1 where it is not named. Accepted: resources with numbers from 1 to 100, as in {cpu: 3}.
             * @default {}
             */
            readonly overcommit: {
                readonly [key: string]: number;
            };
            /**
             * @description Shared nodes on which so many VMs are starting take no waiting lease until they run; null: they do. Accepted: a whole number from 1 to 1000000000, or null.
             * @default null
             */
            readonly "starts-max": null | number;
            /**
             * @description How often a best-effort lease is queued again after its orders failed. Accepted: a whole number from 0 to 1000000000.
             * @default 3
             */
            readonly "attempts-max": number;
            /**
             * @description How long the cluster may take over an order beyond its plan; null: for ever. Accepted: a duration (10m, PT10M, or seconds) or null.
             * @default null
             */
            readonly "order-timeout": null | number | string;
        };
        readonly Token: {
            readonly id: string;
            readonly name: string;
            readonly subject: string;
            readonly project: string | null;
            readonly roles: readonly ("viewer" | "user" | "project-admin" | "operator" | "auditor")[];
            /** @description null: all that the roles allow. */
            readonly scopes: readonly ("leases:read" | "leases:write" | "leases:approve" | "cluster:read" | "cluster:write" | "log:read" | "policy:read" | "policy:write" | "projects:read" | "projects:write" | "users:read" | "tokens:read" | "tokens:write" | "webhooks:read" | "webhooks:write" | "operation:read")[] | null;
            /** @enum {string} */
            readonly state: "valid" | "expired" | "revoked";
            /** Format: date-time */
            readonly created: string;
            /** Format: date-time */
            readonly expires: string;
            /** @description Who made it. */
            readonly by: string;
            readonly revoked: {
                /** Format: date-time */
                readonly at: string;
                readonly by: string;
            } | null;
        };
        readonly Project: {
            readonly name: string;
            readonly title: string;
            /** Format: date-time */
            readonly created: string;
            readonly by: string;
            /** @description Its own; null: that of all projects, which the policy says. */
            readonly quota: {
                readonly leases: number | null;
                readonly vms: number | null;
                readonly cpu: number | null;
                readonly advance: number | null;
            } | null;
            readonly used: {
                readonly leases: number;
                readonly vms: number;
                readonly cpu: number;
                readonly advance: number;
            };
        };
        readonly User: {
            readonly name: string;
            /** @description Of leases that they have, and of their valid tokens. */
            readonly projects: readonly string[];
            readonly used: {
                readonly leases: number;
                readonly vms: number;
                readonly cpu: number;
                readonly advance: number;
            };
        };
        /** @description The members of the request that would be otherwise, and when the lease would begin then. */
        readonly CounterOffer: {
            /**
             * @description Fewer VMs, a shorter time, a later start, or any nodes instead of those asked for.
             * @enum {string}
             */
            readonly kind: "less" | "shorter" | "later" | "elsewhere";
            readonly vms?: number;
            /** @description ISO 8601 duration */
            readonly duration?: string;
            readonly start?: {
                /** @enum {string} */
                readonly kind: "advance";
                /** Format: date-time */
                readonly at: string;
            } | {
                /** @enum {string} */
                readonly kind: "deadline";
                /** Format: date-time */
                readonly notBefore: string;
                /** Format: date-time */
                readonly by: string;
            };
            readonly where?: null;
            /** Format: date-time */
            readonly begins: string;
        };
        /** @description With `dryRun=true`: what would follow if nothing else came first. Nothing was done. */
        readonly DryRun: {
            /** @enum {boolean} */
            readonly dryRun: true;
            /** @description The turn of the log. */
            readonly basedOn: number;
            /** @description The turn that would be logged, in the form of /v1/events; null: nothing would. */
            readonly turn: {
                readonly number: number;
                /** Format: date-time */
                readonly at: string;
                readonly inputs: readonly ({
                    readonly type: string;
                } & {
                    readonly [key: string]: unknown;
                })[];
                readonly decisions: readonly ({
                    readonly type: string;
                } & {
                    readonly [key: string]: unknown;
                })[];
                /** @description How many events are about leases of others, and not shown. */
                readonly others: number;
            } | null;
            /** @description The lease as it would be then; null: it is not about one. */
            readonly lease: components["schemas"]["Lease"] | null;
        };
        readonly Quote: {
            /** @description For `commit` when the lease is asked for. */
            readonly id: string;
            /** @description Whether it would be accepted. */
            readonly feasible: boolean;
            /** @description When it is expected to begin; null: that is not known, or never. */
            readonly earliestStart: string | null;
            /** @description When it begins at the latest; null: nothing is promised. */
            readonly latest: string | null;
            /** @description null: they are chosen later */
            readonly nodes: string | null;
            /** @description Leases that would make room. */
            readonly preempts: readonly string[];
            /** @description How many more would, of others. */
            readonly preemptsOthers: number;
            /** @description In currency units; null: it is not priced. */
            readonly price: number | null;
            /** @description It would wait for an approval first; what is said here is as if it had that at once. */
            readonly approval: boolean;
            /** @description Why it cannot be had, or would wait. */
            readonly reasons: readonly components["schemas"]["Reason"][];
            /** @description What could be had instead, at that turn. */
            readonly alternatives: readonly components["schemas"]["CounterOffer"][];
            /** @description The turn of the log. */
            readonly basedOn: number;
            /** Format: date-time */
            readonly validUntil: string;
        };
        /** @description A span of time within which the lease could lie, wherever it begins in it. */
        readonly Slot: {
            /**
             * Format: date-time
             * @description A lease could begin here at the earliest,
             */
            readonly from: string;
            /** @description and be over by then at the latest; null: nothing that is planned is in its way. */
            readonly to: string | null;
            /** @description It could begin at any time until then; null: at any time from `from` on. */
            readonly latestStart: string | null;
            /** @description As many VMs of this size could begin at `from`, for as long. */
            readonly vms: number;
            /** @description For so long could the VMs asked for, from `from` on; null: as long as leases may last. */
            readonly longest: string | null;
        };
        readonly Webhook: {
            readonly id: string;
            readonly name: string;
            readonly url: string;
            /** @description As in `GET /v1/events`; what is left out limits nothing. */
            readonly filter: {
                /** @description Only events of these types. */
                readonly types?: readonly string[];
                /** @description Only events about these leases. */
                readonly leases?: readonly string[];
                /** @description Only events about leases of these projects. */
                readonly projects?: readonly string[];
            };
            /** @description For whom it hears. */
            readonly user: string;
            readonly project: string | null;
            /**
             * @description Of everything, or of leases that its owner sees.
             * @enum {string}
             */
            readonly hears: "all" | "own";
            /** @enum {string} */
            readonly state: "active" | "failing" | "disabled";
            /** @description Why it is not active; null: it is. */
            readonly reason: {
                /** @enum {string} */
                readonly code: "failing" | "gone" | "by-request" | "owner-gone" | "key-missing";
                readonly detail: string;
                readonly since: string | null;
            } | null;
            /** @description Turns up to this one have been delivered, or held nothing for it. */
            readonly cursor: number;
            /** @description When the credential ends that it was made or changed with; null: it does not. */
            readonly until: string | null;
            /** Format: date-time */
            readonly created: string;
            /** @description Who made it. */
            readonly by: string;
        };
        readonly WhatIf: {
            readonly id: string;
            /** @enum {string} */
            readonly state: "queued" | "running" | "done" | "failed" | "cancelled";
            /** @description 0 to 1 */
            readonly progress: number;
            /** Format: date-time */
            readonly asked: string;
            /** @description The turn of the log that it goes on from; null: it has not begun. */
            readonly basedOn: number | null;
            /** @description Why it failed. */
            readonly detail: string | null;
            readonly from: string | null;
            readonly to: string | null;
            /** @description As it goes on by itself. */
            readonly baseline: {
                readonly leases: number;
                readonly completed: number;
                readonly rejected: number;
                readonly expired: number;
                readonly cancelled: number;
                readonly failed: number;
                /** @description Not over at `to`. */
                readonly unfinished: number;
                /** @description Seconds. */
                readonly waitMean: number | null;
                readonly boundedSlowdownMean: number | null;
                readonly preemptions: number;
                readonly utilisation: number;
            } | null;
            /** @description With what is otherwise. */
            readonly variant: {
                readonly leases: number;
                readonly completed: number;
                readonly rejected: number;
                readonly expired: number;
                readonly cancelled: number;
                readonly failed: number;
                /** @description Not over at `to`. */
                readonly unfinished: number;
                /** @description Seconds. */
                readonly waitMean: number | null;
                readonly boundedSlowdownMean: number | null;
                readonly preemptions: number;
                readonly utilisation: number;
            } | null;
            /** @description How many leases go otherwise. */
            readonly differences: number | null;
            readonly notAccepted: readonly {
                readonly command: string;
                readonly detail: string;
            }[];
        };
        /** @description RFC 9457; docs/errors.md explains every code. */
        readonly Problem: {
            readonly type: string;
            readonly title: string;
            readonly status: number;
            /** @enum {string} */
            readonly code: "http-invalid" | "json-invalid" | "query-invalid" | "token-misplaced" | "token-required" | "forbidden" | "lease-unknown" | "token-unknown" | "project-unknown" | "node-unknown" | "window-unknown" | "webhook-unknown" | "image-unknown" | "network-unknown" | "what-if-unknown" | "route-unknown" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "lease-infeasible" | "lease-over" | "lease-state" | "change-infeasible" | "project-exists" | "project-in-use" | "node-in-use" | "node-exists" | "quote-stale" | "node-state" | "webhook-limit" | "webhook-state" | "image-exists" | "image-in-use" | "image-limit" | "image-not-ready" | "image-state" | "network-exists" | "network-in-use" | "network-limit" | "policy-refused" | "stale" | "body-too-large" | "url-too-long" | "media-type-unsupported" | "request-invalid" | "policy-invalid" | "start-in-past" | "key-reused" | "rate-limited" | "headers-too-large" | "internal" | "host-unreachable" | "outcome-unknown" | "store-unavailable" | "busy" | "issuer-unavailable" | "not-leader" | "not-ready";
            readonly detail: string;
            readonly instance: string;
            readonly requestId: string;
            readonly retryable: boolean;
            readonly errors: readonly {
                readonly pointer: string;
                readonly detail: string;
            }[];
            readonly leader?: string | null;
            /** @description How far the history has been read. */
            readonly turn?: number;
            readonly turns?: number | null;
            readonly lease?: components["schemas"]["Lease"];
            readonly reasons?: readonly components["schemas"]["Reason"][];
            /** @description How large its VMs could be, by group: so much is free on their nodes just now. */
            readonly largest?: readonly {
                readonly [key: string]: number;
            }[];
            /** @description The longest duration for which its nodes are free just now. */
            readonly longest?: string;
            /** @description What could be had instead, just now. */
            readonly alternatives?: readonly components["schemas"]["CounterOffer"][];
            readonly quote?: components["schemas"]["Quote"];
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    readonly isAlive: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly status: "ok";
                    };
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly isStarted: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It has. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly status: "ok";
                        /** @description The last turn that reads know of. */
                        readonly turn: number;
                    };
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly isReady: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description It is. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @enum {string} */
                        readonly status: "ok";
                        /** @description The last turn that reads know of. */
                        readonly turn: number;
                        /** @description A follower answers reads, and sends writes to the leader. */
                        readonly role: "leader" | "follower";
                    };
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listLeases: {
        readonly parameters: {
            readonly query?: {
                /** @description Of waiting, reserved, starting, active, suspending, suspended, resuming, stopping, done, rejected, cancelled, failed, expired; with commas. */
                readonly state?: string;
                readonly kind?: "best-effort" | "immediate" | "advance" | "deadline";
                readonly user?: string;
                readonly project?: string;
                /** @description With VMs on this node, now or before. */
                readonly node?: number;
                /** @description `name=value`; several times: with all of them. */
                readonly label?: readonly string[];
                /** @description As in a host name. */
                readonly name?: string;
                /** @description Not over before this time, or planned to reach it. */
                readonly from?: string;
                /** @description Asked for before this time. */
                readonly to?: string;
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of leases. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Lease"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly submitLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description Of your choice. Kept for 7 days. */
                readonly "idempotency-key"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description Accepted. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"] | {
                        readonly items: readonly components["schemas"]["Lease"][];
                        readonly nextPageToken: string | null;
                    };
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-not-ready, lease-infeasible, quote-stale */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid, key-reused, start-in-past */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readLease: {
        readonly parameters: {
            readonly query?: {
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: {
                /** @description The ETag of what you have. */
                readonly "if-none-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                };
            };
            /** @description Unchanged since If-None-Match. */
            readonly 304: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changeLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description All in all: what has run is part of it. */
                    readonly duration: string | number;
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly holdLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly releaseLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly suspendLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resumeLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rebootLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Only these VMs, by number: `1,3-4`. By default all of them. */
                readonly vms?: string;
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resetLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Only these VMs, by number: `1,3-4`. By default all of them. */
                readonly vms?: string;
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly pauseLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Only these VMs, by number: `1,3-4`. By default all of them. */
                readonly vms?: string;
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly unpauseLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Only these VMs, by number: `1,3-4`. By default all of them. */
                readonly vms?: string;
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly recoverLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @enum {string} */
                    readonly how: "retry" | "recreate" | "delete" | "force";
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly extendLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description So much longer, or shorter. */
                    readonly by?: string | number;
                    /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                    readonly until?: string;
                    /** @description All in all: what has run is part of it. */
                    readonly duration?: string | number;
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly shrinkLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description So much longer, or shorter. */
                    readonly by?: string | number;
                    /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                    readonly until?: string;
                    /** @description All in all: what has run is part of it. */
                    readonly duration?: string | number;
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly migrateLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Numbers or names: they are to be on these nodes then. If left out: on others than now. */
                    readonly to?: readonly (number | string)[];
                    /** @description Only these VMs, numbered from 1. If left out: all of them. */
                    readonly vms?: readonly number[];
                } | null;
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown, lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, node-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly moveLeaseDisks: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description The NAME in the label `disks-NAME` of their nodes, or `vm-dir`. */
                    readonly to: string;
                    /** @description Only these VMs, numbered from 1. If left out: all of them. */
                    readonly vms?: readonly number[];
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly resizeLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
                    readonly resources?: {
                        /** @description Cpus; three decimals. */
                        readonly cpu?: number;
                        readonly memoryMiB?: number;
                        readonly diskMiB?: number;
                    } & {
                        readonly [key: string]: number;
                    };
                    /** @description What the VMs of each group are to have, in order, where there are several. */
                    readonly groups?: readonly {
                        /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
                        readonly resources?: {
                            /** @description Cpus; three decimals. */
                            readonly cpu?: number;
                            readonly memoryMiB?: number;
                            readonly diskMiB?: number;
                        } & {
                            readonly [key: string]: number;
                        };
                    }[];
                    /** @description Its VMs may be stopped for it, and begin again, where it takes that. */
                    readonly cold?: boolean;
                    /** @description So long after it is done, a day at most, VMs that run go back to what they had, unless that is confirmed before. */
                    readonly revertAfter?: string | number;
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, change-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly confirmResize: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revertResize: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly approveLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-infeasible, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rejectLease: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the lease as you know it. */
                readonly "if-match"?: string;
            };
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Told to whoever sees the lease. */
                    readonly reason?: string;
                };
            };
        };
        readonly responses: {
            /** @description The lease. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Lease"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-state, lease-over */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listDecisions: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of its story. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Decisions"];
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listLeaseEvents: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of its events. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly turn: number;
                            /** Format: date-time */
                            readonly at: string;
                            /** @description As it was logged: times in milliseconds since 1970, amounts as the site counts them. What was asked for in a trace has the `traceparent` of that (W3C Trace Context). */
                            readonly event: {
                                readonly [key: string]: unknown;
                            };
                        }[];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly askForQuote: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["LeaseRequest"];
            };
        };
        readonly responses: {
            /** @description The quote. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Quote"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-not-ready */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid, start-in-past */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listSlots: {
        readonly parameters: {
            readonly query: {
                /** @description How many VMs at the same time. */
                readonly vms?: number;
                /** @description Cpus; three decimals. */
                readonly cpu?: number;
                readonly memoryMiB?: number;
                readonly diskMiB?: number;
                /** @description Another resource of the site, for each VM: `gpu=1`; may be given again. */
                readonly resource?: readonly string[];
                /** @description For how long: PT2H, 2h, or seconds. */
                readonly duration: string;
                /** @description What must be true of its nodes: `memory >= 65536`. */
                readonly where?: string;
                /** @description Leases that begin then or later; the present, if left out. */
                readonly from?: string;
                /** @description Leases that begin earlier; 7 days later, if left out. */
                readonly to?: string;
                readonly limit?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Spans of time. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * Format: date-time
                         * @description The present.
                         */
                        readonly at: string;
                        /** @description The turn of the log. */
                        readonly basedOn: number;
                        /** @description In order of time. */
                        readonly items: readonly components["schemas"]["Slot"][];
                        /** @description Beginnings from then on were not looked at: ask again with this as `from`. null: all were. */
                        readonly next: string | null;
                    };
                };
            };
            /** @description query-invalid, query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly askWhatIf: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What would be otherwise: knobs of the policy, nodes and leases more or less. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly policy?: {
                        readonly [key: string]: unknown;
                    };
                    readonly nodes?: {
                        /** @description As for `leasehold serve --nodes`: `8x cpu=8,memory=32GiB`. */
                        readonly add?: readonly string[];
                        readonly drain?: readonly number[];
                        readonly remove?: readonly number[];
                    };
                    readonly leases?: {
                        readonly add?: readonly {
                            /** @description As in a host name. */
                            readonly name?: string;
                            readonly vms?: number;
                            /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
                            readonly resources?: {
                                /** @description Cpus; three decimals. */
                                readonly cpu?: number;
                                readonly memoryMiB?: number;
                                readonly diskMiB?: number;
                            } & {
                                readonly [key: string]: number;
                            };
                            /** @description How large a VM may become without being stopped: see resizing. What is not named stays as it begins. */
                            readonly max?: {
                                /** @description Cpus; three decimals. */
                                readonly cpu?: number;
                                readonly memoryMiB?: number;
                                readonly diskMiB?: number;
                            } & {
                                readonly [key: string]: number;
                            };
                            readonly image?: string;
                            /** @description VMs that differ, instead of `vms`, `resources`, `max` and `image`. */
                            readonly groups?: readonly {
                                /** @description As in a host name. */
                                readonly name?: string;
                                readonly vms: number;
                                /** @description Of each VM. Further members are resources that the site declares, as whole numbers. */
                                readonly resources: {
                                    /** @description Cpus; three decimals. */
                                    readonly cpu?: number;
                                    readonly memoryMiB?: number;
                                    readonly diskMiB?: number;
                                } & {
                                    readonly [key: string]: number;
                                };
                                /** @description How large a VM may become without being stopped: see resizing. What is not named stays as it begins. */
                                readonly max?: {
                                    /** @description Cpus; three decimals. */
                                    readonly cpu?: number;
                                    readonly memoryMiB?: number;
                                    readonly diskMiB?: number;
                                } & {
                                    readonly [key: string]: number;
                                };
                                readonly image?: string;
                            }[];
                            /** @description ISO 8601 (`PT1H30M`), short (`1h30m`) or seconds. */
                            readonly duration: string | number;
                            /** @description When to begin; `best-effort`, when possible, if left out. */
                            readonly start?: {
                                /** @enum {string} */
                                readonly kind: "best-effort";
                                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                                readonly before?: string;
                            } | {
                                /** @enum {string} */
                                readonly kind: "immediate";
                            } | {
                                /** @enum {string} */
                                readonly kind: "advance";
                                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                                readonly at: string;
                            } | {
                                /** @enum {string} */
                                readonly kind: "deadline";
                                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                                readonly notBefore?: string;
                                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                                readonly by: string;
                            };
                            /** @description Not to be considered before it is released. Best-effort leases only. */
                            readonly held?: boolean;
                            /** @description Not to be considered before these have begun to run (`start`) or are done (`end`, if left out). They must not be over yet; if one of them does not end well, this one is rejected. Best-effort leases only. */
                            readonly after?: readonly {
                                readonly lease: string;
                                /** @enum {string} */
                                readonly on?: "start" | "end";
                            }[];
                            /** @description A series of advance leases, the first at `start.at`. */
                            readonly repeat?: {
                                /** @description From one start to the next. */
                                readonly every: string | number;
                                readonly times: number;
                            };
                            /** @description When to say that it ends: each within its duration. In any order. */
                            readonly warnings?: readonly (string | number)[];
                            /** @description Whether it may be suspended for others; if left out, best-effort leases may. */
                            readonly preemptible?: boolean;
                            /** @description Of leases that wait, more is served first. */
                            readonly priority?: number;
                            /**
                             * @description What becomes of it when a node that it has VMs on is lost: it keeps its place and waits for the node, it waits in the queue again (best-effort only, and what is done if left out), also to begin from the disks that its VMs had (`migrate`; it asks for nodes of one storage: `where.labels.storage`), or it is over (the others).
                             * @enum {string}
                             */
                            readonly onNodeLost?: "wait" | "restart" | "migrate" | "delete";
                            /** @description What is paid at most, in currency units per VM-hour with six decimals; if left out, any price. */
                            readonly maxRate?: number;
                            readonly labels?: {
                                readonly [key: string]: string;
                            };
                            /** @description Which nodes may be used: `labels` that they carry, expressions over their facts and labels, and `nodes` by name. */
                            readonly where?: {
                                readonly labels?: {
                                    readonly [key: string]: string;
                                };
                                /** @description What must be true of a node: `gpu >= 1 && site == "lyon"`. */
                                readonly requirements?: string;
                                /** @description Nodes of a higher rank come first: `-(vms * 50 + cpuFree)`. */
                                readonly rank?: string;
                                /** @description Only these nodes, by name or number, and in this order. */
                                readonly nodes?: readonly (number | string)[];
                            };
                            /** @description What is said of its VMs to whoever makes them. It is not shown again. */
                            readonly machine?: {
                                /** @description A network of the site, by its name; its usual one if left out. */
                                readonly network?: string;
                                /** @description Who may log in: public keys of OpenSSH, a line each. */
                                readonly sshKeys?: readonly string[];
                                /** @description When a VM counts as started: when its guest agent answers, it calls the URL that it is given, or somebody listens at a TCP port of it. Where too few are ready in time, the start has failed. If left out, as soon as it runs. */
                                readonly ready?: {
                                    readonly probe: "agent" | "callback" | {
                                        /** @description A port that somebody listens at. */
                                        readonly tcp: number;
                                    };
                                    /** @description So long after it was started, or after another of its lease became ready: a second to an hour; 5 minutes if left out. */
                                    readonly timeout?: string | number;
                                    /** @description So many VMs of the lease that are ready in time are enough. If left out, all of them. */
                                    readonly atLeast?: number;
                                };
                                /** @description For the guest, word for word: `#cloud-config`, a script, or what else its image reads. */
                                readonly userData?: string;
                                /** @description Hardware, as a `<domain>` of libvirt: cpu, features, clock, video, input, watchdog and panic. */
                                readonly template?: string;
                                /** @description What its disk is: `overlay` keeps only what differs from the image, which stays on the host, and is meant if left out; `full` is a copy of the image. */
                                readonly disk?: "overlay" | "full";
                                /** @description The processor: `host-model`, `host-passthrough`, `maximum`, or a name that QEMU has for one, as `EPYC`; what it takes by itself if left out. */
                                readonly cpuModel?: string;
                                /** @description What boots it: a BIOS, if left out, or EFI, which its host must have (OVMF), without Secure Boot. */
                                readonly firmware?: "bios" | "efi";
                                /** @description The board that it is on, by the name that QEMU has for it: `q35`; the usual one if left out. */
                                readonly board?: string;
                            };
                            readonly user?: string;
                            readonly project?: string;
                            /** @description The quote that is to hold; for this very request. */
                            readonly commit?: string;
                        }[];
                        readonly remove?: readonly string[];
                    };
                    /** @description From this turn, or this time (RFC 3339), on; if left out, from now on. */
                    readonly asOf?: string;
                    /** @description Nothing is looked at behind it; if left out, until all leases are over. */
                    readonly horizon?: string | number;
                };
            };
        };
        readonly responses: {
            /** @description It will be run. */
            readonly 202: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WhatIf"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid, start-in-past */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readWhatIf: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The what-if. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WhatIf"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description what-if-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelWhatIf: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description As it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["WhatIf"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description what-if-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWhatIfLeases: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of leases. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly lease: string;
                            readonly baseline: {
                                /** @enum {string} */
                                readonly state: "waiting" | "reserved" | "starting" | "active" | "suspending" | "suspended" | "resuming" | "stopping" | "done" | "rejected" | "cancelled" | "failed" | "expired";
                                readonly start: string | null;
                                readonly end: string | null;
                                readonly nodes: string;
                                readonly preemptions: number;
                            } | null;
                            readonly variant: {
                                /** @enum {string} */
                                readonly state: "waiting" | "reserved" | "starting" | "active" | "suspending" | "suspended" | "resuming" | "stopping" | "done" | "rejected" | "cancelled" | "failed" | "expired";
                                readonly start: string | null;
                                readonly end: string | null;
                                readonly nodes: string;
                                readonly preemptions: number;
                            } | null;
                            /** @description Seconds; less than 0: earlier. */
                            readonly startsLater: number | null;
                            /** @description Seconds; less than 0: earlier. */
                            readonly endsLater: number | null;
                        }[];
                        readonly nextPageToken: string | null;
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description what-if-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readWhatIfSchedule: {
        readonly parameters: {
            readonly query?: {
                /** @description Which of the two; if left out, `variant`. */
                readonly of?: "baseline" | "variant";
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of bars. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly lease: string;
                            /** @enum {string} */
                            readonly activity: "run" | "suspension" | "migration" | "resumption" | "shutdown";
                            /** Format: date-time */
                            readonly from: string;
                            readonly until: string | null;
                            readonly nodes: string;
                        }[];
                        readonly nextPageToken: string | null;
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description what-if-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly followWhatIf: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Progress. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "text/event-stream": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description what-if-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listNodes: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of nodes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Node"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly registerNodes: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description Nodes that join the site. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /**
                     * @description All alike.
                     * @default 1
                     */
                    readonly count?: number;
                    /** @description One for each. */
                    readonly names?: readonly string[];
                    /** @description Of a host with libvirt: `qemu+ssh://leasehold@node1/system`. It is one node, and what is not said of its capacity is what the host has. */
                    readonly uri?: string;
                    /** @description With `uri`: what the host keeps for itself; 1024 `memoryMiB` unless said otherwise. */
                    readonly reserve?: {
                        /** @description Cpus; three decimals. */
                        readonly cpu?: number;
                        readonly memoryMiB?: number;
                        readonly diskMiB?: number;
                    } & {
                        readonly [key: string]: number;
                    };
                    /** @description Of each node. Needed without `uri`; with it, no more than the host has. */
                    readonly capacity?: {
                        /** @description Cpus; three decimals. */
                        readonly cpu?: number;
                        readonly memoryMiB?: number;
                        readonly diskMiB?: number;
                    } & {
                        readonly [key: string]: number;
                    };
                    /** @description Of resources that are counted in units: the name of each, as many as the capacity says. */
                    readonly units?: {
                        readonly [key: string]: readonly string[];
                    };
                    /** @description It is given whole to one VM at a time. */
                    readonly exclusive?: boolean;
                    readonly labels?: {
                        readonly [key: string]: string;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The node that this host is already. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Node"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The nodes. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Node"][];
                        readonly nextPageToken: string | null;
                    };
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-exists */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description host-unreachable */
            readonly 502: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly removeNode: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The node. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Node"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly labelNode: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description null takes one off. */
                    readonly labels: {
                        readonly [key: string]: string | null;
                    };
                };
            };
        };
        readonly responses: {
            /** @description The node. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Node"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state, node-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly drainNode: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: {
            readonly content: {
                readonly "application/json": {
                    /** @description Nobody is on it from then on: RFC 3339 with a zone. */
                    readonly by?: string;
                    /** @description With `by`: also where a promise is broken by it. */
                    readonly force?: boolean;
                    /**
                     * @description What is done at once with leases that run there: they stay (`keep`, if left out), are moved elsewhere while they run where they fit, and saved where they do not (`migrate`), or are saved (`suspend`).
                     * @enum {string}
                     */
                    readonly how?: "keep" | "migrate" | "suspend";
                } | null;
            };
        };
        readonly responses: {
            /** @description The node. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Node"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state, node-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly restoreNode: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The node. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Node"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly giveUpNode: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The node. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Node"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readNodeUsage: {
        readonly parameters: {
            readonly query?: {
                /** @description How many at most, newest first. */
                readonly samples?: number;
            };
            readonly header?: never;
            readonly path: {
                readonly number: number;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was measured. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["NodeUsage"];
                };
            };
            /** @description query-invalid, query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readLeaseUsage: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What was measured. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["LeaseUsage"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description lease-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listMaintenance: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of windows. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Maintenance"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly planMaintenance: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description A window in which nobody is on these nodes; without `from` it begins now. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description By name or number. */
                    readonly nodes: readonly (number | string)[];
                    /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                    readonly from?: string;
                    /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                    readonly until: string;
                    readonly reason?: string;
                    /** @description Also where a promise is broken by it. */
                    readonly force?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The window. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Maintenance"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description node-state, node-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly cancelMaintenance: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The window, as it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Maintenance"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description window-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listImages: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of images. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Image"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly addImage: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description What leases call it. */
                    readonly name: string;
                    /** @description Where it is: an `https`, `http` or `ftp` URL, a file of this machine below one of the directories of `--image-root`, or `lease:LEASE/VM`, the disk of a VM of a suspended lease. */
                    readonly source: string;
                    /**
                     * @description What it is; it is never guessed.
                     * @enum {string}
                     */
                    readonly format: "qcow2" | "raw" | "iso";
                    /** @description What its SHA-256 must be; if left out, whatever comes. */
                    readonly sha256?: string;
                    /** @description What the VM that has it writes stays in it when its lease is over; one lease has it at a time. Of `qcow2` images only. */
                    readonly persistent?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The image. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-exists, image-limit */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readImage: {
        readonly parameters: {
            readonly query?: {
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description What leases call it. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The image. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly removeImage: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @description What leases call it. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The image as it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly fetchImage: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @description What leases call it. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The image. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Image"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description image-state */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listNetworks: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of networks. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Network"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly addNetwork: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description What leases call it. */
                    readonly name: string;
                    /**
                     * @description `nat`: made on each host; VMs reach what the host reaches. `isolated`: made on each host, without a way out. `own`: like `isolated`, and each lease has one to itself. `bridge`: is there on each host already.
                     * @enum {string}
                     */
                    readonly kind: "nat" | "isolated" | "own" | "bridge";
                    /** @description What VMs have their addresses of: `10.77.0.0/24`. Of a bridge only where nobody else hands them out; VMs are told theirs before they start. */
                    readonly range?: string;
                    /** @description Of every host. */
                    readonly bridge?: string;
                    /** @description The bridge is one of Open vSwitch. */
                    readonly openVswitch?: boolean;
                    /** @description Of the bridge; needs Open vSwitch, or libvirt 11. */
                    readonly vlan?: number;
                    /** @description Of a bridge with a range. */
                    readonly gateway?: string;
                    /** @description Of a bridge with a range. */
                    readonly nameservers?: readonly string[];
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The network. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Network"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description network-exists, network-limit */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readNetwork: {
        readonly parameters: {
            readonly query?: {
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                /** @description What leases call it. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The network. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Network"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description network-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly removeNetwork: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                /** @description What leases call it. */
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The network as it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Network"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description network-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description network-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readSchedule: {
        readonly parameters: {
            readonly query?: {
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly from?: string;
                /** @description RFC 3339 with a zone: 2026-11-21T14:00:00Z */
                readonly to?: string;
                readonly node?: number;
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of bars. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /**
                         * Format: date-time
                         * @description The present: bars before it are facts, those after it plans.
                         */
                        readonly at: string;
                        /** Format: date-time */
                        readonly from: string;
                        /** Format: date-time */
                        readonly to: string;
                        readonly items: readonly components["schemas"]["Bar"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listPolicies: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of policies; the first of all is in force. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Policy"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly adoptPolicy: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: {
                /** @description The ETag of the policy as you know it. */
                readonly "if-match"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": components["schemas"]["PolicyPatch"];
            };
        };
        readonly responses: {
            /** @description The policy in force now. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Policy"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description policy-refused */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description stale */
            readonly 412: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid, policy-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readDiff: {
        readonly parameters: {
            readonly query: {
                /** @description The earlier instant: the number of a turn, or a time. */
                readonly from: string;
                /** @description The later one; the present, if left out. */
                readonly to?: string;
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of changes. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly from: {
                            readonly turn: number;
                            /** Format: date-time */
                            readonly at: string;
                        };
                        readonly to: {
                            readonly turn: number;
                            /** Format: date-time */
                            readonly at: string;
                        };
                        /** @description The policy, then nodes by number, then leases in order of arrival. */
                        readonly items: readonly {
                            /** @enum {string} */
                            readonly what: "policy" | "node" | "lease";
                            /** @description Of the lease; the number of the node; `policy`. */
                            readonly id: string;
                            /**
                             * @description A lease that came and ended in between has appeared.
                             * @enum {string}
                             */
                            readonly change: "appeared" | "changed" | "ended";
                            /** @description Those that are different. */
                            readonly members: readonly string[];
                            /** @description What they were; null: it was not there. */
                            readonly before: {
                                readonly [key: string]: unknown;
                            } | null;
                            readonly after: {
                                readonly [key: string]: unknown;
                            };
                        }[];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readEvents: {
        readonly parameters: {
            readonly query?: {
                /** @description The last turn that is not wanted. If left out: 0, or, for a stream that stays open, the last turn there is. */
                readonly after?: number;
                /** @description Stay open and send turns as they happen (NDJSON). */
                readonly follow?: boolean;
                /** @description Only events of these types. */
                readonly type?: string;
                /** @description Only events about these leases. */
                readonly lease?: string;
                /** @description Only events about leases of these projects. */
                readonly project?: string;
            };
            readonly header?: {
                /** @description The last turn seen. */
                readonly "last-event-id"?: string;
            };
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Turns. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/x-ndjson": string;
                    readonly "text/event-stream": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readAuditHead: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The head. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description The last turn. */
                        readonly position: number;
                        /** @description SHA-256, in hex. */
                        readonly hash: string;
                        /** @description Which log: the hash of its first turn; null: it has none. */
                        readonly log: string | null;
                        /** @description Counts the services that have taken the log over. */
                        readonly epoch: number;
                        /**
                         * Format: date-time
                         * @description Of the last turn.
                         */
                        readonly time: string;
                        /** @description The last that was signed. */
                        readonly checkpoint: components["schemas"]["Checkpoint"] | null;
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listCheckpoints: {
        readonly parameters: {
            readonly query?: {
                /** @description Checkpoints of later turns only. */
                readonly after?: number;
                readonly page_size?: number;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description Checkpoints. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Checkpoint"][];
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listTokens: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of tokens. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Token"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createToken: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        /** @description What is left out is as with whoever asks. Nobody gives more than they have. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly name?: string;
                    readonly subject?: string;
                    readonly project?: string;
                    readonly roles?: readonly ("viewer" | "user" | "project-admin" | "operator" | "auditor")[];
                    /** @description What the token is limited to; if left out, all that its roles allow. */
                    readonly scopes?: readonly ("leases:read" | "leases:write" | "leases:approve" | "cluster:read" | "cluster:write" | "log:read" | "policy:read" | "policy:write" | "projects:read" | "projects:write" | "users:read" | "tokens:read" | "tokens:write" | "webhooks:read" | "webhooks:write" | "operation:read")[];
                    /** @description How long it is valid: 90 days if left out, 366 days at most. */
                    readonly expiresIn?: string | number;
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The token. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly name: string;
                        readonly subject: string;
                        readonly project: string | null;
                        readonly roles: readonly ("viewer" | "user" | "project-admin" | "operator" | "auditor")[];
                        /** @description null: all that the roles allow. */
                        readonly scopes: readonly ("leases:read" | "leases:write" | "leases:approve" | "cluster:read" | "cluster:write" | "log:read" | "policy:read" | "policy:write" | "projects:read" | "projects:write" | "users:read" | "tokens:read" | "tokens:write" | "webhooks:read" | "webhooks:write" | "operation:read")[] | null;
                        /** @enum {string} */
                        readonly state: "valid" | "expired" | "revoked";
                        /** Format: date-time */
                        readonly created: string;
                        /** Format: date-time */
                        readonly expires: string;
                        /** @description Who made it. */
                        readonly by: string;
                        readonly revoked: {
                            /** Format: date-time */
                            readonly at: string;
                            readonly by: string;
                        } | null;
                        /** @description To be sent as `Authorization: Bearer …`. Shown this once. */
                        readonly token: string;
                    };
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readToken: {
        readonly parameters: {
            readonly query?: {
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The token, without its secret. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly revokeToken: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The token. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Token"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listProjects: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of projects. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Project"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createProject: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly name: string;
                    readonly title?: string;
                    readonly quota?: {
                        readonly leases?: number | null;
                        readonly vms?: number | null;
                        readonly cpu?: number | null;
                        readonly advance?: number | null;
                    };
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The project. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Project"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-exists */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readProject: {
        readonly parameters: {
            readonly query?: {
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The project. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Project"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly deleteProject: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The project as it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Project"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-in-use */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changeProject: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly name: string;
            };
            readonly cookie?: never;
        };
        /** @description A merge patch (RFC 7396). `quota: null` gives back the quota that all projects have. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    readonly title?: string;
                    readonly quota?: {
                        readonly leases?: number | null;
                        readonly vms?: number | null;
                        readonly cpu?: number | null;
                        readonly advance?: number | null;
                    } | null;
                };
            };
        };
        readonly responses: {
            /** @description The project. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Project"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description project-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readMe: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The caller. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly subject: string;
                        readonly roles: readonly ("viewer" | "user" | "project-admin" | "operator" | "auditor")[];
                        readonly projects: readonly string[];
                        readonly scopes: readonly ("leases:read" | "leases:write" | "leases:approve" | "cluster:read" | "cluster:write" | "log:read" | "policy:read" | "policy:write" | "projects:read" | "projects:write" | "users:read" | "tokens:read" | "tokens:write" | "webhooks:read" | "webhooks:write" | "operation:read")[];
                        /**
                         * @description How.
                         * @enum {string}
                         */
                        readonly authenticated: "admin-token" | "token" | "oidc";
                        readonly token: string | null;
                        readonly expires: string | null;
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listUsers: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
                /** @description As it was after this turn, or at this time (RFC 3339). X-State-Turn says which turn that was. */
                readonly asOf?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of users. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["User"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWebhooks: {
        readonly parameters: {
            readonly query?: {
                readonly page_size?: number;
                /** @description `nextPageToken` of the page before. */
                readonly page_token?: string;
                /** @description Only these members of each item, with commas. */
                readonly fields?: string;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description A page of webhooks. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly components["schemas"]["Webhook"][];
                        readonly nextPageToken: string | null;
                    };
                    readonly "text/csv": string;
                    readonly "application/x-ndjson": string;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-acceptable */
            readonly 406: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly createWebhook: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description https, without user, password and fragment. Others read it: it is no place for a secret. */
                    readonly url: string;
                    readonly name?: string;
                    /** @description As in `GET /v1/events`; what is left out limits nothing. */
                    readonly filter?: {
                        /** @description Only events of these types. */
                        readonly types?: readonly string[];
                        /** @description Only events about these leases. */
                        readonly leases?: readonly string[];
                        /** @description Only events about leases of these projects. */
                        readonly projects?: readonly string[];
                    };
                };
            };
        };
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description The webhook. */
            readonly 201: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly name: string;
                        readonly url: string;
                        /** @description As in `GET /v1/events`; what is left out limits nothing. */
                        readonly filter: {
                            /** @description Only events of these types. */
                            readonly types?: readonly string[];
                            /** @description Only events about these leases. */
                            readonly leases?: readonly string[];
                            /** @description Only events about leases of these projects. */
                            readonly projects?: readonly string[];
                        };
                        /** @description For whom it hears. */
                        readonly user: string;
                        readonly project: string | null;
                        /**
                         * @description Of everything, or of leases that its owner sees.
                         * @enum {string}
                         */
                        readonly hears: "all" | "own";
                        /** @enum {string} */
                        readonly state: "active" | "failing" | "disabled";
                        /** @description Why it is not active; null: it is. */
                        readonly reason: {
                            /** @enum {string} */
                            readonly code: "failing" | "gone" | "by-request" | "owner-gone" | "key-missing";
                            readonly detail: string;
                            readonly since: string | null;
                        } | null;
                        /** @description Turns up to this one have been delivered, or held nothing for it. */
                        readonly cursor: number;
                        /** @description When the credential ends that it was made or changed with; null: it does not. */
                        readonly until: string | null;
                        /** Format: date-time */
                        readonly created: string;
                        /** @description Who made it. */
                        readonly by: string;
                        /** @description What deliveries are signed with: `whsec_` and base64. Shown this once. */
                        readonly secret: string;
                    };
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-limit */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The webhook, without its secret. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly deleteWebhook: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The webhook as it was. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly changeWebhook: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        /** @description What is named is replaced; the filter as a whole. */
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description https, without user, password and fragment. Others read it: it is no place for a secret. */
                    readonly url?: string;
                    readonly name?: string;
                    /** @description As in `GET /v1/events`; what is left out limits nothing. */
                    readonly filter?: {
                        /** @description Only events of these types. */
                        readonly types?: readonly string[];
                        /** @description Only events about these leases. */
                        readonly leases?: readonly string[];
                        /** @description Only events about leases of these projects. */
                        readonly projects?: readonly string[];
                    };
                    /** @description It goes on where it stopped. */
                    readonly enabled?: boolean;
                };
            };
        };
        readonly responses: {
            /** @description The webhook. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly rotateWebhookSecret: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The webhook, with its new secret. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly id: string;
                        readonly name: string;
                        readonly url: string;
                        /** @description As in `GET /v1/events`; what is left out limits nothing. */
                        readonly filter: {
                            /** @description Only events of these types. */
                            readonly types?: readonly string[];
                            /** @description Only events about these leases. */
                            readonly leases?: readonly string[];
                            /** @description Only events about leases of these projects. */
                            readonly projects?: readonly string[];
                        };
                        /** @description For whom it hears. */
                        readonly user: string;
                        readonly project: string | null;
                        /**
                         * @description Of everything, or of leases that its owner sees.
                         * @enum {string}
                         */
                        readonly hears: "all" | "own";
                        /** @enum {string} */
                        readonly state: "active" | "failing" | "disabled";
                        /** @description Why it is not active; null: it is. */
                        readonly reason: {
                            /** @enum {string} */
                            readonly code: "failing" | "gone" | "by-request" | "owner-gone" | "key-missing";
                            readonly detail: string;
                            readonly since: string | null;
                        } | null;
                        /** @description Turns up to this one have been delivered, or held nothing for it. */
                        readonly cursor: number;
                        /** @description When the credential ends that it was made or changed with; null: it does not. */
                        readonly until: string | null;
                        /** Format: date-time */
                        readonly created: string;
                        /** @description Who made it. */
                        readonly by: string;
                        /** @description What deliveries are signed with: `whsec_` and base64. Shown this once. */
                        readonly secret: string;
                    };
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, busy, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly testWebhook: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What became of it. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        /** @description `webhook-id`: the same for all attempts. */
                        readonly message: string;
                        /** @description null: it was a test. */
                        readonly turn: number | null;
                        /** Format: date-time */
                        readonly at: string;
                        readonly attempt: number;
                        /**
                         * @description `refused`: it was not sent.
                         * @enum {string}
                         */
                        readonly result: "delivered" | "gone" | "failed" | "refused";
                        /** @description What was answered. */
                        readonly status: number | null;
                        readonly detail: string | null;
                        /** @description How long it took. */
                        readonly ms: number;
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-state */
            readonly 409: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly replayWebhook: {
        readonly parameters: {
            readonly query?: {
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody: {
            readonly content: {
                readonly "application/json": {
                    /** @description Later turns are sent again, with the ids that they had. */
                    readonly after: number;
                };
            };
        };
        readonly responses: {
            /** @description The webhook. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": components["schemas"]["Webhook"];
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description query-invalid, json-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description body-too-large */
            readonly 413: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description media-type-unsupported */
            readonly 415: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description request-invalid */
            readonly 422: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, outcome-unknown, store-unavailable, busy */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listWebhookDeliveries: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path: {
                readonly id: string;
            };
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description The deliveries. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            /** @description `webhook-id`: the same for all attempts. */
                            readonly message: string;
                            /** @description null: it was a test. */
                            readonly turn: number | null;
                            /** Format: date-time */
                            readonly at: string;
                            readonly attempt: number;
                            /**
                             * @description `refused`: it was not sent.
                             * @enum {string}
                             */
                            readonly result: "delivered" | "gone" | "failed" | "refused";
                            /** @description What was answered. */
                            readonly status: number | null;
                            readonly detail: string | null;
                            /** @description How long it took. */
                            readonly ms: number;
                        }[];
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description webhook-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly readDiagnostics: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description How it does. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly service: {
                            readonly version: string;
                            readonly node: string;
                            /** Format: date-time */
                            readonly started: string;
                            readonly uptimeSeconds: number;
                            /** @enum {string} */
                            readonly role: "leader" | "follower";
                            /** @description How often the log has been taken over. */
                            readonly epoch: number;
                            readonly ready: boolean;
                        };
                        readonly schedule: {
                            /** @description From what came in to what was decided. Only of a service that leads. */
                            readonly turns: {
                                /** @description How many there have been since the start. */
                                readonly count: number;
                                /** @description The last one. (milliseconds) */
                                readonly last: number;
                                /** @description Of the last 1,024, on average. (milliseconds) */
                                readonly mean: number;
                                /** @description Half of them took no longer. (milliseconds) */
                                readonly median: number;
                                /** @description 99 of 100 took no longer. (milliseconds) */
                                readonly p99: number;
                                /** @description The longest. (milliseconds) */
                                readonly max: number;
                            };
                            /** @description Leases in the queue. */
                            readonly queueDepth: number;
                            /** @description Leases that began while the first of the queue went on waiting, since the start. */
                            readonly backfilled: number;
                            readonly leases: readonly {
                                readonly kind: string;
                                readonly state: string;
                                /** @description How many. */
                                readonly count: number;
                            }[];
                            readonly unplaced: readonly {
                                readonly reason: string;
                                /** @description How many wait and hold nothing. */
                                readonly count: number;
                            }[];
                        };
                        readonly store: {
                            /** @description Where the log is, without passwords. */
                            readonly name: string;
                            readonly writable: boolean;
                            /** @description The last turn that reads know of. */
                            readonly turn: number;
                            /** @description Until a turn was durable. Only of a service that leads. */
                            readonly appends: {
                                /** @description How many there have been since the start. */
                                readonly count: number;
                                /** @description The last one. (milliseconds) */
                                readonly last: number;
                                /** @description Of the last 1,024, on average. (milliseconds) */
                                readonly mean: number;
                                /** @description Half of them took no longer. (milliseconds) */
                                readonly median: number;
                                /** @description 99 of 100 took no longer. (milliseconds) */
                                readonly p99: number;
                                /** @description The longest. (milliseconds) */
                                readonly max: number;
                            };
                            readonly stateAgeMs: number | null;
                        };
                        readonly requests: {
                            /** @description Requests under way. */
                            readonly underWay: number;
                            /** @description Writes that wait for their turn. */
                            readonly waiting: number;
                            /** @description Streams of events that are open. */
                            readonly streams: number;
                            /** @description Requests that were told to come again, since the start. */
                            readonly shed: number;
                            readonly eventLoopDelay: {
                                /** @description On average. (milliseconds) */
                                readonly mean: number;
                                /** @description 99 of 100. (milliseconds) */
                                readonly p99: number;
                                /** @description The longest. (milliseconds) */
                                readonly max: number;
                            };
                        };
                        readonly memory: {
                            /** @description Of the whole process. */
                            readonly residentBytes: number;
                            /** @description Of JavaScript, in this thread. */
                            readonly heapUsedBytes: number;
                            /** @description Beyond this the process ends. */
                            readonly heapLimitBytes: number;
                        };
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly listLimits: {
        readonly parameters: {
            readonly query?: never;
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description All of them. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": {
                        readonly items: readonly {
                            readonly name: string;
                            readonly value: number;
                            /** @enum {string} */
                            readonly unit: "bytes" | "characters" | "count" | "milliseconds" | "per second";
                            readonly about: string;
                            readonly problem: ("http-invalid" | "json-invalid" | "query-invalid" | "token-misplaced" | "token-required" | "forbidden" | "lease-unknown" | "token-unknown" | "project-unknown" | "node-unknown" | "window-unknown" | "webhook-unknown" | "image-unknown" | "network-unknown" | "what-if-unknown" | "route-unknown" | "method-not-allowed" | "not-acceptable" | "request-timeout" | "lease-infeasible" | "lease-over" | "lease-state" | "change-infeasible" | "project-exists" | "project-in-use" | "node-in-use" | "node-exists" | "quote-stale" | "node-state" | "webhook-limit" | "webhook-state" | "image-exists" | "image-in-use" | "image-limit" | "image-not-ready" | "image-state" | "network-exists" | "network-in-use" | "network-limit" | "policy-refused" | "stale" | "body-too-large" | "url-too-long" | "media-type-unsupported" | "request-invalid" | "policy-invalid" | "start-in-past" | "key-reused" | "rate-limited" | "headers-too-large" | "internal" | "host-unreachable" | "outcome-unknown" | "store-unavailable" | "busy" | "issuer-unavailable" | "not-leader" | "not-ready") | null;
                        }[];
                    };
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description token-required */
            readonly 401: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description forbidden */
            readonly 403: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    readonly hearReady: {
        readonly parameters: {
            readonly query: {
                readonly secret: string;
                /** @description Answer with the events that would follow, and do nothing. */
                readonly dryRun?: boolean;
            };
            readonly header?: never;
            readonly path?: never;
            readonly cookie?: never;
        };
        readonly requestBody?: never;
        readonly responses: {
            /** @description What would follow, with `dryRun=true`. */
            readonly 200: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/vnd.leasehold.dry-run+json": components["schemas"]["DryRun"];
                };
            };
            /** @description It is known. */
            readonly 204: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/json": unknown;
                };
            };
            /** @description query-invalid */
            readonly 400: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description route-unknown */
            readonly 404: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description rate-limited */
            readonly 429: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description internal */
            readonly 500: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
            /** @description not-ready, not-leader, store-unavailable */
            readonly 503: {
                headers: {
                    readonly [name: string]: unknown;
                };
                content: {
                    readonly "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
