/* Preact and htm. Their releases contain no modules that import one another by relative paths, so index.html loads them
 * as scripts before the modules. */

const { preact, preactHooks, htm } = globalThis;

export const { Component, render } = preact;
export const { useCallback, useEffect, useMemo, useRef, useState } = preactHooks;

/** Makes elements of a template: html`<p>${text}</p>`. */
export const html = htm.bind(preact.h);
