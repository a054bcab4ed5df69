#pragma once

/* Sessions of browsers. A session is a text that the server signs and does not store: which token
 * began it, when it ends, and a MAC. The MAC is keyed with a secret of this installation and with
 * the stored hash of the token. So a session ends with its token, survives a restart, and cannot be
 * made from the file of tokens alone.
 *
 * Form: ID.EXPIRES.NONCE.MAC. ID is derived from the name of the token, EXPIRES is in seconds. */

#include "api/http/token.h"

#define SESSION_LIFE      (12 * 3600 * USEC_PER_SEC) /* a stolen cookie is of no use after that */
#define SESSION_KEY_SIZE  32
#define SESSION_SIZE      144 /* of the text, with its NUL */
#define SESSION_CSRF_SIZE 65  /* of the CSRF token, with its NUL */

/* The secret of this installation. */
typedef struct SessionKey {
        unsigned char bytes[SESSION_KEY_SIZE];
        bool is_loaded;
} SessionKey;

/* Reads the key from the file on first use, or makes the file. If that fails, logs a warning and
 * uses a key that is valid until the daemon stops. Returns -EIO if there is no randomness. */
int session_key_load(SessionKey *key, const char *path);
void session_key_forget(SessionKey *key);

/* Makes a session that ends at a wall time. Returns 0 or -EIO. */
int session_make(const SessionKey *key, const ApiToken *token, usec_t expires_at,
                 char ret[SESSION_SIZE]);
/* Finds the token that began the session. NULL: the session is invalid or has ended. */
const ApiToken *session_find(const SessionKey *key, const ApiTokens *tokens, const char *session,
                             usec_t *ret_expires_at);
/* Derives the CSRF token of a session, or of another text that identifies the caller. Returns 0 or
 * -EIO. */
int session_csrf(const SessionKey *key, const char *session, char ret[SESSION_CSRF_SIZE]);
/* Compares two texts in a time that does not depend on their contents. */
bool session_text_equals(const char *a, const char *b);
