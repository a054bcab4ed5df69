/* The matrix of components and environments as the views need it. Pure functions. */

/* Returns the cell with the values of its images; their indexes differ from answer to answer. */
function cellOf(cell, images) {
        if (!cell)
                return null;
        const at = (index) => index === null || index === undefined ? index : images[index] || null;
        return { image: at(cell.image), next: at(cell.next), drift: Boolean(cell.drift) };
}

/** Returns the indexes of environments in the order in which releases pass them: an environment comes after those that
 * it follows or that promote to it, otherwise by name. */
export function flowOrder(environments) {
        const byName = new Map(environments.map((each, index) => [each.name, index]));
        const order = [], seen = new Set();
        const visit = (index) => {
                if (seen.has(index))
                        return;
                seen.add(index);
                const { follows, promotesFrom } = environments[index];
                for (const name of [follows, promotesFrom].flat())
                        if (byName.has(name))
                                visit(byName.get(name));
                order.push(index);
        };
        environments.forEach((_, index) => visit(index));
        return order;
}

/** Joins the pages of an answer, and takes rows and columns of the matrix before that did not change, so that a
 * redraw can skip them. Returns { columns, rows }. */
export function matrixOf(pages, before = { columns: [], rows: [] }) {
        const known = new Map([...before.columns, ...before.rows].map((each) => [each.id, each]));
        const shared = (value) => {
                const signature = JSON.stringify(value), old = known.get(value.id);
                return old && old.signature === signature ? old : { ...value, signature };
        };

        const environments = pages[0]?.environments || [], order = flowOrder(environments);
        const cells = (component, images) => order.map((index) => cellOf(component.cells[index], images));
        return {
                columns: order.map((index) => shared(environments[index])),
                rows: pages.flatMap((page) => page.components.map((component) =>
                        shared({ ...component, cells: cells(component, page.images) }))),
        };
}

/** Returns the path of the API for the filters in a query of the page. */
export function matrixQuery(query, tenant, after) {
        const asOf = query.asOf && !Number.isNaN(Date.parse(query.asOf)) ? new Date(query.asOf).toISOString() : null;
        return { tenant, text: query.text, label: query.label, team: query.team, environment: query.environment,
                asOf: asOf && asOf.replace(/\.\d+Z$/, "Z"), after };
}

/** Returns the next moment after now (in milliseconds) at which a badge or a gate of a column ends, or null. */
export function nextChange(columns, now) {
        const times = columns.flatMap((column) => [column.pending?.opensAt, ...column.badges.map((badge) => badge.until)])
                .filter(Boolean).map((time) => Date.parse(time)).filter((time) => time > now);
        return times.length ? Math.min(...times) : null;
}

/** Returns the teams of the components, for suggestions. */
export function teamsOf(rows) {
        return [...new Set(rows.map((row) => row.metadata?.team || row.metadata?.owner).filter(Boolean))].sort();
}
