/*
 * conf.msg.h - the typed configuration: records the configuration child makes
 * and the parts that each process gets.  They travel in birth and reload parts,
 * never as calls, so they have no callers and no answer.
 *
 * Who gets what:  spawner: conf_instance, conf_listen, conf_api_listen, conf_storage_listen.  directory: all.
 * gate, worker: conf_server, conf_listen.  worker: conf_place.  store: conf_auth.  fsd: conf_fsd,
 * conf_share, conf_share_acl of its own shares.  api: conf_api, conf_api_key, conf_place.  krb: conf_krb.  net: conf_net.
 * cred: conf_cred.  relay: conf_storage_host.  names, session, dialer,
 * bridge: nothing.
 */
#ifndef IPC_MSG_CONF_MSG_H
#define IPC_MSG_CONF_MSG_H

#include "ipc/msg.h"

/*
 * The instance itself.  uids: first and last of `worker uids`; 0,0 when not root.  external: FROM()
 * bits of the roles that the spawner leaves to a joining process.  wanted: FROM() bits of the roles
 * that run only where the configuration has a use for them (krb, net, fsd).  storages: some shares are
 * on storages that join.  watchdog_ms: a process that does not answer for so long is ended; 0: none is.
 */
#define CONF_INSTANCE_REQ(F)      \
	F(path, runtime_dir)      \
	F(path, state_dir)        \
	F(path, join_key)         \
	F(u32, worker_uid_first)  \
	F(u32, worker_uid_last)   \
	F(flag, require_sandbox)  \
	F(flag, serves)           \
	F(u8, log_level)          \
	F(flag, log_json)         \
	F(u32, max_workers)       \
	F(u32, max_guest_workers) \
	F(u32, external)          \
	F(u32, wanted)            \
	F(flag, storages)         \
	F(u32, watchdog_ms)

/* One address to accept SMB on. */
#define CONF_LISTEN_REQ(F) \
	F(addr, addr)

#define CONF_OFF      0u
#define CONF_DESIRED  1u
#define CONF_REQUIRED 2u
#define CONF_OFFERED  3u	/* encrypt only: for who asks */

/*
 * What gate and workers need.  signing, encrypt: CONF_OFF, _DESIRED, _REQUIRED
 * (signing OFF = disabled, DESIRED = auto, REQUIRED = mandatory for non-guest).
 * encrypt may also be _OFFERED; it then depends on the client alone.  own_shares: not all shares are on
 * storages that join.
 * Dialects are the wire's numbers 0x0202 to 0x0311.
 */
#define CONF_SERVER_REQ(F)       \
	F(name, netbios_name)    \
	F(name, workgroup)       \
	F(name, server_string)   \
	F(id16, server_guid)     \
	F(u16, min_protocol)     \
	F(u16, max_protocol)     \
	F(u8, signing)           \
	F(u8, encrypt)           \
	F(u32, max_connections)  \
	F(u32, max_credits)      \
	F(u32, auth_timeout_ms)  \
	F(u32, max_io)           \
	F(u32, idle_worker_ms)   \
	F(flag, guest_ok)        \
	F(flag, kerberos)        \
	F(flag, ntlm)            \
	F(flag, ntlm_first)      \
	F(flag, own_shares)      \
	F(flag, leases)

#define IDMAP_ACCOUNT 0u	/* the Unix account of the same name */
#define IDMAP_RID     1u	/* uid = first + RID, for users of our own domain */

/* Has a client to say which server it means, and must that be us? */
enum conf_spn { SPN_UNCHECKED, SPN_IF_SENT, SPN_REQUIRED };

/*
 * What the store needs.  uid, gid: who acts when not root (else uid is 0xffffffff).  idmap: IDMAP_*;
 * idmap_file comes before it, unmapped_user after it.  lock_*: failures that lock out (0: never) an
 * account from one address, a whole address; for how long; what forgets them.  sessions_public: every user
 * may ask who else has sessions, briefly.  spn: SPN_*; spn_names: our names besides the usual ones.
 * bound_ok: proofs that are bound to another channel are taken all the same.  own_shares: as in conf_server.
 */
#define CONF_AUTH_REQ(F)         \
	F(name, netbios_name)    \
	F(name, workgroup)       \
	F(name, dns_domain)      \
	F(u32, as_uid)           \
	F(u32, as_gid)           \
	F(name, guest_account)   \
	F(flag, guest_ok)        \
	F(u8, signing)           \
	F(u8, encrypt)           \
	F(text, only_users)      \
	F(name, realm)           \
	F(flag, kerberos)        \
	F(flag, ntlm)            \
	F(u8, idmap)             \
	F(u32, idmap_first)      \
	F(u32, idmap_last)       \
	F(path, idmap_file)      \
	F(name, unmapped_user)   \
	F(u32, lock_pair)        \
	F(u32, lock_address)     \
	F(u32, lock_ms)          \
	F(u32, lock_window_ms)   \
	F(flag, member)          \
	F(flag, sessions_public) \
	F(u8, spn)               \
	F(text, spn_names)       \
	F(flag, bound_ok)        \
	F(flag, own_shares)

#define CONF_FSD_REQ(F)          \
	F(u32, as_uid)           \
	F(u32, as_gid)           \
	F(u8, encrypt)           \
	F(u32, max_opens)        \
	F(u32, threads)          \
	F(path, idmap_file)

#define SHARE_READ_ONLY  0x0001u
#define SHARE_GUEST_OK   0x0002u
#define SHARE_BROWSEABLE 0x0004u
#define SHARE_HIDE_DOT   0x0008u	/* dot files get the hidden attribute */
#define SHARE_HIDE_UNREADABLE 0x0010u
#define SHARE_EAS        0x0020u

/* Names of storages: fsds that join, with the shares that the configuration places there. */
#define STORAGE_BOUND 32u	/* bytes */
#define STORAGES_MAX  16u	/* in one instance */

/*
 * One share; index counts from 0 in file order and ties the acl rows to it.  storage: where it is; empty:
 * with the instance's own fsd.
 */
#define CONF_SHARE_REQ(F)        \
	F(u32, index)            \
	F(name, name)            \
	F(path, path)            \
	F(text, comment)         \
	F(u32, flags)            \
	F(u8, encrypt)           \
	F(u32, create_mask)      \
	F(u32, directory_mask)   \
	F(name, force_user)      \
	F(text, hide_files)      \
	F(name, storage)

#define ACL_VALID    0u
#define ACL_INVALID  1u
#define ACL_READ     2u
#define ACL_WRITE    3u
#define ACL_ALLOW    4u		/* hosts allow: address or network/prefix */
#define ACL_DENY     5u
#define ACL_OPERATOR 6u		/* of the server: index is ACL_SERVER */
#define ACL_SERVER   UINT32_MAX

/* One entry of a share's user or host list.  who: a name, "@group", or a network. */
#define CONF_SHARE_ACL_REQ(F)    \
	F(u32, index)            \
	F(u8, list)              \
	F(name, who)

/* admins: uids and names of keys that may ask everything, as typed. */
#define CONF_API_REQ(F)          \
	F(u32, owner_uid)        \
	F(path, socket)          \
	F(name, version)         \
	F(text, admins)          \
	F(text, users)

/* The holder of this CURVE key may come from another machine: 40 characters of Z85. */
#define CONF_API_KEY_REQ(F) \
	F(name, name)       \
	F(name, public)     \
	F(flag, admin)

/* One address where scripts of other machines may come. */
#define CONF_API_LISTEN_REQ(F) \
	F(addr, addr)

/* krb: keytab is where it finds one besides its own in the state directory. */
#define CONF_KRB_REQ(F)          \
	F(name, realm)           \
	F(path, keytab)          \
	F(flag, rc4)             \
	F(flag, require_pac)     \
	F(u32, skew_s)           \
	F(text, spns)            \
	F(flag, bound_ok)

/*
 * net: the domain it is a member of (empty: none) and where KDCs (SERVER, or REALM=SERVER of another
 * realm) and controllers are; secret: the
 * machine account's password, or password_file holds it.  timeout_ms: one question in all.
 * transport: how RPC goes to a controller; authenticators: asked with them from the beginning.
 */
enum conf_netlogon { NETLOGON_AUTO, NETLOGON_TCP, NETLOGON_PIPE };
#define CONF_NET_REQ(F)          \
	F(name, realm)           \
	F(name, workgroup)       \
	F(name, netbios_name)    \
	F(text, kdcs)            \
	F(text, controllers)     \
	F(name, machine_account) \
	F(secret, secret)        \
	F(path, password_file)   \
	F(path, keytab)          \
	F(u32, timeout_ms)       \
	F(u32, transport)        \
	F(flag, authenticators)

/* The keeper of scripts' credentials and the client's own Kerberos settings. */
#define CONF_CRED_REQ(F)         \
	F(name, realm)           \
	F(flag, rc4)             \
	F(u32, skew_s)

/* Where a share is, for those who only need to know whom to ask; those of our own fsd have none. */
#define CONF_PLACE_REQ(F)        \
	F(name, share)           \
	F(name, storage)

/* Where storages of other hosts may join, and where each is reached: by a name or an address. */
#define CONF_STORAGE_LISTEN_REQ(F) \
	F(addr, addr)
#define CONF_STORAGE_HOST_REQ(F) \
	F(name, storage)         \
	F(name, host)            \
	F(u16, port)

#define CONF_MESSAGES(M)                                                        \
	M(0x0001, conf_instance,  0, PHASE_START, CONF_INSTANCE_REQ,  NO_FIELDS) \
	M(0x0002, conf_listen,    0, PHASE_START, CONF_LISTEN_REQ,    NO_FIELDS) \
	M(0x0003, conf_server,    0, PHASE_START, CONF_SERVER_REQ,    NO_FIELDS) \
	M(0x0004, conf_auth,      0, PHASE_START, CONF_AUTH_REQ,      NO_FIELDS) \
	M(0x0005, conf_fsd,       0, PHASE_START, CONF_FSD_REQ,       NO_FIELDS) \
	M(0x0006, conf_share,     0, PHASE_START, CONF_SHARE_REQ,     NO_FIELDS) \
	M(0x0007, conf_share_acl, 0, PHASE_START, CONF_SHARE_ACL_REQ, NO_FIELDS) \
	M(0x0008, conf_api,       0, PHASE_START, CONF_API_REQ,       NO_FIELDS) \
	M(0x0009, conf_krb,       0, PHASE_START, CONF_KRB_REQ,       NO_FIELDS) \
	M(0x000a, conf_net,       0, PHASE_START, CONF_NET_REQ,       NO_FIELDS) \
	M(0x000b, conf_cred,      0, PHASE_START, CONF_CRED_REQ,      NO_FIELDS) \
	M(0x000c, conf_api_listen, 0, PHASE_START, CONF_API_LISTEN_REQ, NO_FIELDS) \
	M(0x000d, conf_place,     0, PHASE_START, CONF_PLACE_REQ,     NO_FIELDS) \
	M(0x000e, conf_storage_listen, 0, PHASE_START, CONF_STORAGE_LISTEN_REQ, NO_FIELDS) \
	M(0x000f, conf_storage_host, 0, PHASE_START, CONF_STORAGE_HOST_REQ, NO_FIELDS) \
	M(0x001a, conf_api_key,   0, PHASE_START, CONF_API_KEY_REQ,   NO_FIELDS)

CONF_MESSAGES(MSG_DECLARE)

#endif
