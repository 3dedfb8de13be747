/*
 * test_json.c - does JSON become the fields of a message, within their bounds,
 * and a message JSON without its secrets?
 */
#include "../check.h"

#include "ipc/json.h"
#include "ipc/msg/authd.msg.h"
#include "ipc/msg/dir.msg.h"
#include "ipc/msg/fsd.msg.h"

static struct json_room room;
static char why[JSON_WHY];

static json_t *
read_text(const char *text)
{
	why[0] = '\0';
	return json_object_read(SPAN_STR(text), why);
}

static nt
to(const char *text, const struct msg_desc *d, void *ret, json_t **ret_obj)
{
	*ret_obj = read_text(text);
	assert_non_null(*ret_obj);
	room.used = 0;
	return json_to_fields(*ret_obj, d->req(), d->n_req, ret, &room, why);
}

static void
refused(const char *text, const struct msg_desc *d, const char *word)
{
	uint8_t *msg = calloc(1, d->req_size);
	json_t *obj;

	assert_non_null(msg);
	assert_status(to(text, d, msg, &obj), STATUS_INVALID_PARAMETER);
	assert_non_null(strstr(why, word));
	json_decref(obj);
	free(msg);
}

static void
fields_arrive_with_their_types(void **state)
{
	struct fsd_grant_req g = { 0 };
	json_t *obj;

	(void)state;
	assert_status(to("{\"grant\":\"000102030405060708090a0B0c0d0E0f\",\"worker\":7,"
			 "\"session\":\"0xffffffffffffffff\",\"user\":\"alice\",\"uid\":1000,"
			 "\"groups\":[4,5],\"client\":\"192.0.2.1:445\",\"expires\":9}",
			 &fsd_grant_desc, &g, &obj),
		      STATUS_SUCCESS);
	assert_int_equal(g.grant.b[11], 0x0b);
	assert_int_equal(g.worker, 7);
	assert_true(g.session == UINT64_MAX);
	assert_string_equal(g.user.s, "alice");
	assert_int_equal(g.groups.n, 2);
	assert_int_equal(g.groups.v[1], 5);
	assert_int_equal(g.client.port, 445);
	assert_int_equal(g.sid.n, 0);
	json_decref(obj);
}

static void
values_outside_of_their_bounds_are_refused(void **state)
{
	char text[600];

	(void)state;
	refused("{\"uid\":4294967296}", &fsd_grant_desc, "uid");
	refused("{\"uid\":-1}", &fsd_grant_desc, "uid");
	refused("{\"uid\":1.5}", &fsd_grant_desc, "uid");
	refused("{\"uid\":\"12x\"}", &fsd_grant_desc, "uid");
	refused("{\"uid\":true}", &fsd_grant_desc, "uid");
	refused("{\"session\":\"18446744073709551616\"}", &fsd_grant_desc, "session");
	refused("{\"grant\":\"00\"}", &fsd_grant_desc, "grant");
	refused("{\"grant\":\"zz0102030405060708090a0b0c0d0e0f\"}", &fsd_grant_desc, "grant");
	refused("{\"client\":\"nowhere\"}", &fsd_grant_desc, "client");
	refused("{\"groups\":[\"a\"]}", &fsd_grant_desc, "groups");
	refused("{\"groups\":5}", &fsd_grant_desc, "groups");
	refused("{\"fresh\":1}", &dir_worker_get_desc, "fresh");
	(void)snprintf(text, sizeof text, "{\"name\":\"%0256d\"}", 0);
	refused(text, &user_del_desc, "name");
	(void)snprintf(text, sizeof text, "{\"name\":\"%0255d\"}", 0);
	refused(text, &dir_log_level_desc, "name");
}

static void
unknown_fields_are_refused_by_name(void **state)
{
	(void)state;
	refused("{\"nmae\":\"x\"}", &user_del_desc, "unknown field \"nmae\"");
}

static void
secrets_come_in_and_never_go_out(void **state)
{
	struct user_add_req u = { 0 };
	json_t *obj, *out;

	(void)state;
	assert_status(to("{\"name\":\"bob\",\"password\":\"s3cret\"}", &user_add_desc, &u, &obj),
		      STATUS_SUCCESS);
	assert_span(u.password, "s3cret", 6);
	out = json_from_fields(user_add_desc.req(), user_add_desc.n_req, &u);
	assert_null(json_object_get(out, "password"));
	assert_null(json_object_get(out, "nt_hash"));
	assert_string_equal(json_string_value(json_object_get(out, "name")), "bob");
	json_decref(out);
	json_decref(obj);
}

static void
messages_become_json_with_plain_names(void **state)
{
	struct auth_sessions_rsp s = { .session = UINT64_MAX,
				       .user	= str_of("a\xff"),
				       .client	= { .family = 4, .port = 7, .b = { 192, 0, 2, 1 } },
				       .started = 1u << 30,
				       .signed_ = true };
	json_t *out = json_from_fields(auth_sessions_desc.rsp(), auth_sessions_desc.n_rsp, &s);

	(void)state;
	assert_true(json_is_true(json_object_get(out, "signed")));
	assert_string_equal(json_string_value(json_object_get(out, "session")),
			    "18446744073709551615");
	assert_int_equal(json_integer_value(json_object_get(out, "started")), 1 << 30);
	assert_string_equal(json_string_value(json_object_get(out, "client")), "192.0.2.1:7");
	assert_string_equal(json_string_value(json_object_get(out, "user")), "\"a\\xff\"");
	json_decref(out);
}

static void
text_that_is_no_bounded_object_is_refused(void **state)
{
	static const char *const bad[] = { "",
					   "{",
					   "[]",
					   "7",
					   "{\"a\":1,\"a\":2}",
					   "{\"a\":\"\\u0000\"}",
					   "{\"a\":1} x",
					   "{\"a\":\"\xff\"}" };
	char deep[64]		       = "{\"a\":";

	(void)state;
	for (size_t i = 0; i < NELEM(bad); i++) {
		assert_null(read_text(bad[i]));
		assert_true(why[0] != '\0');
	}
	memset(deep + 5, '[', JSON_DEPTH);
	assert_null(read_text(deep));
	assert_non_null(strstr(why, "too deep"));
}

static void
brackets_in_strings_are_not_depth(void **state)
{
	json_t *obj = read_text("{\"a\":\"[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\"}");

	(void)state;
	assert_non_null(obj);
	json_decref(obj);
}

/* Every request of every interface: what goes out comes in again. */
static void
every_message_without_secrets_survives_the_round_trip(void **state)
{
	(void)state;
	for (size_t i = 0; i < msg_all_n; i++) {
		const struct msg_desc *d = msg_all[i];
		uint8_t *zero = calloc(1, d->req_size + 1), *back = calloc(1, d->req_size + 1);
		json_t *out = json_from_fields(d->req(), d->n_req, zero);
		const char *k;
		json_t *v;
		void *next;

		json_object_foreach_safe(out, next, k, v) {
			if (json_is_string(v) && strcmp(json_string_value(v), "-") == 0)
				json_object_del(out, k); /* no address has no form to read */
		}
		room.used = 0;
		assert_status(json_to_fields(out, d->req(), d->n_req, back, &room, why),
			      STATUS_SUCCESS);
		json_decref(out);
		free(zero);
		free(back);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_arrive_with_their_types),
		cmocka_unit_test(values_outside_of_their_bounds_are_refused),
		cmocka_unit_test(unknown_fields_are_refused_by_name),
		cmocka_unit_test(secrets_come_in_and_never_go_out),
		cmocka_unit_test(messages_become_json_with_plain_names),
		cmocka_unit_test(text_that_is_no_bounded_object_is_refused),
		cmocka_unit_test(brackets_in_strings_are_not_depth),
		cmocka_unit_test(every_message_without_secrets_survives_the_round_trip),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
