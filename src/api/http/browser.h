#pragma once

/* Requests of browsers: sessions in a cookie, users that a trusted proxy names, and protection
 * against requests that another site makes a browser send. Needs only the head of a request. */

#include "api/http/request.h"

/* Returns the session in the cookie of the request; NULL: none. */
const char *browser_session(Request *request);
/* Adds a header Set-Cookie with this session, or one that removes the cookie if session is NULL. */
void browser_set_cookie(Request *request, const char *session, usec_t expires_at);

/* Loads the key that signs sessions, on first use. Returns NULL if there is no randomness. */
const SessionKey *browser_key(Request *request);
/* Sets *ret to the CSRF token of the caller; "": the caller needs none. Returns 0 or -EIO. */
int browser_csrf(Request *request, char ret[SESSION_CSRF_SIZE]);
/* Returns false, with the answer made, if a page of another site made the browser send the
 * request. True for clients that are no browsers. */
bool browser_is_same_site(Request *request);
/* Returns false, with the answer made, if the request is a write of a browser, and is from another
 * site or has no CSRF token. */
bool browser_may_write(Request *request);

/* Takes the user from the headers of a trusted proxy, the peer of the unix socket. The role of the
 * peer is the highest that the user can have. Returns 0 if the peer is no such proxy, 1 if the
 * caller is set, -EACCES with the answer made, or -ENOMEM. */
int browser_proxied(Request *request);
