/* The graph of streams and environments: nodes, edges, and where they are drawn. Pure functions. */

export const WIDTH = 196, HEIGHT = 66, GAP_X = 64, GAP_Y = 18, MARGIN = 8;

function sourcesOf(environment) {
        if (environment.sources?.length)
                return environment.sources;
        return environment.promotesFrom ? [environment.promotesFrom] : [];
}

/** Returns { nodes, edges }. A node: { key, kind, object }. An edge: { from, to, kind }: keys of nodes. */
export function graphOf(streams, environments) {
        const nodes = [...streams.map((object) => ({ key: "s/" + object.name, kind: "stream", object })),
                ...environments.map((object) => ({ key: "e/" + object.name, kind: "environment", object }))];
        const known = new Set(nodes.map(({ key }) => key));
        const edges = environments.flatMap((environment) => {
                const to = "e/" + environment.name;
                return [...environment.stream ? [{ from: "s/" + environment.stream, to, kind: "stream" }] : [],
                        ...environment.follows ? [{ from: "e/" + environment.follows, to, kind: "follows" }] : [],
                        ...sourcesOf(environment).map((name) => ({ from: "e/" + name, to, kind: "promotesFrom" }))];
        }).filter(({ from, to }) => known.has(from) && known.has(to) && from !== to);
        return { nodes, edges };
}

/* Returns the longest way from a node without edges into it. A circle ends where it began. */
function depthsOf(nodes, edges) {
        const into = new Map(nodes.map(({ key }) => [key, []])), depths = new Map();
        const depth = (key, path) => {
                if (depths.has(key))
                        return depths.get(key);
                if (path.has(key))
                        return 0;
                path.add(key);
                const result = Math.max(0, ...into.get(key).map((from) => depth(from, path) + 1));
                path.delete(key);
                depths.set(key, result);
                return result;
        };

        edges.forEach(({ from, to }) => into.get(to).push(from));
        nodes.forEach(({ key }) => depth(key, new Set()));
        return { depths, into };
}

/** Returns { nodes, edges, width, height }: nodes with column, x and y. A column is as deep as its longest way; in it
 * a node stands near those that lead to it. */
export function layoutOf({ nodes, edges }) {
        const { depths, into } = depthsOf(nodes, edges), rows = new Map(), columns = [];

        for (const node of nodes)
                (columns[depths.get(node.key)] ||= []).push(node);
        const placed = columns.flatMap((column, i) => {
                const wanted = (node) => {
                        const from = into.get(node.key).map((key) => rows.get(key)).filter((row) => row !== undefined);
                        return from.length ? from.reduce((a, b) => a + b) / from.length : 0;
                };
                const ordered = column.map((node) => [wanted(node), node]).sort((a, b) => a[0] - b[0] ||
                        (a[1].key < b[1].key ? -1 : 1));
                return ordered.map(([, node], row) => {
                        rows.set(node.key, row);
                        return { ...node, column: i, x: MARGIN + i * (WIDTH + GAP_X),
                                y: MARGIN + row * (HEIGHT + GAP_Y) };
                });
        });
        const at = new Map(placed.map((node) => [node.key, node]));
        const most = Math.max(0, ...columns.map((column) => column?.length || 0));
        return { nodes: placed, edges: edges.map((edge) => ({ ...edge, a: at.get(edge.from), b: at.get(edge.to) })),
                width: 2 * MARGIN + columns.length * WIDTH + Math.max(0, columns.length - 1) * GAP_X,
                height: 2 * MARGIN + most * HEIGHT + Math.max(0, most - 1) * GAP_Y };
}

/** Returns the path of an edge: from the right side of a node to the left side of another. */
export function edgePath({ a, b }) {
        const x1 = a.x + WIDTH, y1 = a.y + HEIGHT / 2, x2 = b.x, y2 = b.y + HEIGHT / 2;
        const bend = Math.max(GAP_X / 2, Math.abs(x2 - x1) / 2);
        return `M${x1},${y1} C${x1 + bend},${y1} ${x2 - bend},${y2} ${x2},${y2}`;
}

/** Returns text that fits into a node. */
export function fit(text, most) {
        const letters = [...text || ""];
        return letters.length > most ? letters.slice(0, most - 1).join("") + "…" : letters.join("");
}

/** Returns the state of a node: { has, next, why, kind, isMoving }. */
export function stateOf({ kind, object }) {
        if (kind === "stream") {
                const ready = object.conditions.find(({ type }) => type === "Ready");
                const isBad = ready && ready.status !== "True";
                return { has: object.newestRelease, next: null, why: isBad ? ready.message : null, kind: isBad ? "bad"
                        : "info",
                        isMoving: false };
        }
        const { state, pending, hold } = object;
        const isMoving = state?.status === "promoting";
        return { has: state?.status === "deployed" ? state.release : state?.deployedRelease || null,
                next: isMoving ? state.release : pending?.release || null,
                why: hold ? "held: " + hold.reason : pending?.waitsFor ? "waits for " + pending.waitsFor
                        : pending?.message || null,
                kind: state?.status === "failed" ? "bad" : hold ? "warn" : pending || isMoving ? "wait" : state
                        ? "good" : "info", isMoving };
}
