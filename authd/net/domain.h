/*
 * domain.h - our membership in a domain: the controller in use, the secure
 * channel's key, the connections that carry logons, and who waits for one.
 *
 *	join.c    finds a controller, join_steps.c makes the key with it
 *	lane.c    one sealed connection: one logon at a time
 *	samlogon.c  the call that asks about one, with its authenticators if need be
 *	domain.c  the queue, what happens when a controller fails
 */
#ifndef AUTHD_NET_DOMAIN_H
#define AUTHD_NET_DOMAIN_H

#include "authd/net/net.h"
#include "authd/net/resolve.h"
#include "authd/net/way.h"
#include "proto/auth/netlogon_crypto.h"
#include "proto/rpc/client.h"
#include "proto/rpc/netlogon.h"

#define LANES	    4u	     /* logons at a controller at once */
#define JOIN_MS	    5000u    /* one controller: from connecting to the key */
#define TCP_MS	    2000u    /* the same by TCP, where the pipe may be tried after it */
#define LOGON_MS    5000u    /* one logon at one controller */
#define TRIES	    3u	     /* of one logon, at whatever controller */
#define BACKOFF_MS  500u     /* after all have failed; doubles */
#define BACKOFF_CAP 5000u
#define ANSWER_MAX  131072u  /* stub bytes: a user in SAM_GROUPS_MAX groups has half of it */
#define SIDS_MAX    TOKEN_BOUND

enum domain_state {
	DOMAIN_NONE,	/* no machine account: not a member */
	DOMAIN_IDLE,	/* nobody asked yet, or the channel was lost */
	DOMAIN_JOINING,
	DOMAIN_READY,
	DOMAIN_WAITING	/* all controllers failed; again when the timer says */
};

/* A logon on its way.  Owns copies of what the store asked. */
struct pass {
	TAILQ_ENTRY(pass) all;
	struct domain *domain;
	struct call *call;
	struct loop_timer limit;
	unsigned tries;
	struct lane *lane; /* NULL: waits in the queue */
	char user[NAME_BOUND + 1], domain_name[NAME_BOUND + 1], workstation[NAME_BOUND + 1];
	uint8_t challenge[8];
	uint8_t nt[BLOB_BOUND], lm[BLOB_BOUND];
	size_t nt_n, lm_n;
	uint32_t parameters;
};
TAILQ_HEAD(passes, pass);

struct lane {
	struct domain *domain;
	struct way way;
	struct rpc_client rpc;
	struct rpc_auth auth;
	struct netlogon_seal seal;
	struct loop_timer timer;
	struct pass *pass;
	bool open, bound;
	uint8_t token[2 * NAME_BOUND + 16];
	uint8_t room[ANSWER_MAX];
};

enum join_step { JOIN_MAP, JOIN_CHALLENGE, JOIN_AUTHENTICATE };

struct domain {
	struct net *net;
	enum domain_state state;
	uint8_t hash[16]; /* of the machine account's password */
	char computer[NAME_BOUND + 1];
	struct finder *finder;
	struct finder_wait wait;
	struct places places;
	size_t at;
	struct net_addr service; /* where NETLOGON listens there, or SMB */
	char server[NAME_BOUND + 4]; /* "\\\\dc1.example.org" */

	enum join_step step;
	bool by_pipe;	/* over SMB, not TCP: this controller, this time */
	bool both;	/* ... and it is the second way that is tried with it */
	bool pipe_first; /* where either will do: what worked last */
	struct smb_who pipe;
	struct way way;
	struct rpc_client rpc;
	struct loop_timer timer; /* of the join, or of the wait */
	uint8_t challenge[8], expected[8];
	uint8_t key[NETLOGON_KEY_SIZE];
	bool chained; /* this controller is asked with authenticators */
	struct netlogon_chain chain;
	uint8_t room[4096];

	struct lane lanes[LANES];
	struct passes queue;
	uint32_t n_passes;
	uint32_t backoff_ms;
	bool refused; /* the machine account, by somebody in this round */
	uint64_t since; /* Unix ns: joined, or since when not */
	char last_error[NAME_BOUND + 1];
};

/* ---- domain.c ---- */
struct domain *domain_new(struct net *);
void domain_drop(struct domain *);
/* A new configuration, whose secret is in no file. */
void domain_reconfigure(struct domain *);
/* Somebody waits: whatever has to be done next for them. */
void domain_kick(struct domain *);
/* This controller is of no use: the next one, or a wait. */
void domain_failed(struct domain *, nt status, const char *why);
/* The channel is gone.  elsewhere: not to be had here again at once. */
void domain_lost(struct domain *, bool elsewhere, const char *why);
/* Their logons go back into the queue. */
void domain_close_lanes(struct domain *);
/* Nothing can be sent under the key that was made. */
void domain_useless(struct domain *, const char *why);
void domain_error(struct domain *, nt status, const char *why);
/* The name of the controller in use, for people. */
const char *domain_controller(const struct domain *);

/* ---- op_logon.c ---- */
void pass_answer(struct pass *, nt status, const struct net_logon_rsp *);
/* It goes back into the queue, or is answered after too many tries. */
void pass_again(struct pass *);

/* ---- samlogon.c ---- */
nt samlogon_encode(struct domain *, const struct pass *, struct wr *stub, uint16_t *opnum) MUST_USE;
/* STATUS_DATA_ERROR: it makes sense, but is not proved to be the controller's. */
nt samlogon_decode(struct domain *, struct span stub, struct sam_info *ret, struct wr *sids,
		   nt *ret_status) MUST_USE;
/* Was this a refusal of the call, and is there another one?  Then it is asked from now on. */
bool samlogon_turn(struct domain *, nt status) MUST_USE;

/* ---- join.c ---- */
void join_start(struct domain *);
void join_stop(struct domain *);
/* Its other way is tried, or the next controller. */
void join_fail(struct domain *, nt status, const char *why);
/* It knows us, and does not want us. */
void join_refused(struct domain *, nt status, const char *why);

/* ---- join_steps.c ---- */
/* To there, for the first step's interface; the others follow. */
void join_connect(struct domain *, const struct net_addr *, const struct rpc_syntax *);

/* ---- lane.c ---- */
void lane_init(struct lane *, struct domain *);
nt lane_open(struct lane *) MUST_USE;
void lane_close(struct lane *);	      /* its logon goes back into the queue */
void lane_take(struct lane *);	      /* the next logon of the queue, if there is one */
void lane_leave(struct lane *);	      /* its logon was answered before the controller did */

#endif
