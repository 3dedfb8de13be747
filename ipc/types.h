/*
 * types.h - the field types of messages between processes.
 *
 * A type is a word with its bound built in: a `name` cannot be longer than 255
 * bytes, whoever sent it.  Each has a C type, an encoder, a decoder and a way
 * into JSON; a new bound is a new word here.  Strings travel with length and a
 * NUL and are refused if they hold another NUL, so .s is a C string.
 */
#ifndef IPC_TYPES_H
#define IPC_TYPES_H

#include "base/cursor.h"
#include "base/nt.h"

/* Borrowed UTF-8, NUL-terminated; n without the NUL.  Zeroed means "". */
struct str {
	const char *s;
	size_t n;
};

struct id16 {
	uint8_t b[16];
};

struct hash64 {
	uint8_t b[64];
};

/* A CURVE public key; all zero: none. */
struct key32 {
	uint8_t b[32];
};

struct net_addr {
	uint8_t family;		/* 0 none, 4 or 6 */
	uint16_t port;
	uint8_t b[16];		/* IPv4 in the first four */
};

#define GIDS_MAX 128
struct gid_list {
	uint16_t n;
	uint32_t v[GIDS_MAX];
};

/* The bounds, in bytes. */
#define NAME_BOUND   255u
#define TEXT_BOUND   1023u
#define PATH_BOUND   4095u
#define SECRET_BOUND 1024u
#define BLOB_BOUND   4096u
#define TOKEN_BOUND  65536u

/*
 *   word     C type            JSON        largest encoding (bytes)
 * secret is a blob that is never printed and never becomes JSON.
 */
#define MSG_TYPES(T)                                                  \
	T(u8,      uint8_t,          NUMBER,  1)                      \
	T(u16,     uint16_t,         NUMBER,  2)                      \
	T(u32,     uint32_t,         NUMBER,  4)                      \
	T(u64,     uint64_t,         NUMBER,  8)                      \
	T(flag,    bool,             BOOLEAN, 1)                      \
	T(name,    struct str,       STRING,  2 + NAME_BOUND + 1)     \
	T(text,    struct str,       STRING,  2 + TEXT_BOUND + 1)     \
	T(path,    struct str,       STRING,  2 + PATH_BOUND + 1)     \
	T(id16,    struct id16,      HEX,     16)                     \
	T(hash64,  struct hash64,    HEX,     64)                     \
	T(key32,   struct key32,     HEX,     32)                     \
	T(addr,    struct net_addr,  ADDRESS, 19)                     \
	T(gids,    struct gid_list,  ARRAY,   2 + 4 * GIDS_MAX)       \
	T(blob,    struct span,      HEX,     4 + BLOB_BOUND)         \
	T(secret,  struct span,      SECRET,  4 + SECRET_BOUND)       \
	T(token,   struct span,      HEX,     4 + TOKEN_BOUND)

#define MSG_TYPE_WORD(word, ctype, json, max) MSG_T_##word,
enum msg_type { MSG_TYPES(MSG_TYPE_WORD) MSG_T_MAX };
#undef MSG_TYPE_WORD

#define MSG_TYPE_CTYPE(word, ctype, json, max)              \
	typedef ctype msg_##word;                           \
	void wr_msg_##word(struct wr *, const msg_##word *); \
	void rd_msg_##word(struct rd *, msg_##word *);
MSG_TYPES(MSG_TYPE_CTYPE)
#undef MSG_TYPE_CTYPE

static inline struct str
str_of(const char *s)
{
	return (struct str){ s, s ? strlen(s) : 0 };
}

/* "192.0.2.1:445", "[2001:db8::1]:445" or "-"; buf of ADDR_TEXT bytes. */
#define ADDR_TEXT 64
const char *addr_print(const struct net_addr *, char *buf);
/* Without the port. */
const char *addr_print_host(const struct net_addr *, char *buf);
nt addr_parse(const char *s, struct net_addr *ret) MUST_USE;	/* needs the port */
/* The same without, and then 0. */
nt addr_parse_host(const char *s, struct net_addr *ret) MUST_USE;
/* want: family 0 is all, port 0 every one of that address.  a may be NULL: none. */
bool addr_matches(const struct net_addr *want, const struct net_addr *a);

#endif
