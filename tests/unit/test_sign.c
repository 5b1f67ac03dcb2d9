/* test_sign.c - signatures, compared with the one that Standard Webhooks publishes; and secrets, as they are read from files. */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base64.h"
#include "base/cleanup.h"
#include "conf/secrets.h"
#include "unit.h"
#include "work/outside.h"
#include "work/sign.h"

#define PUBLISHED "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define OTHER "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define BODY "{\"test\": 2432232314}"

static char folder[32], path[64];

static void make_folder(void)
{
	strcpy(folder, "/tmp/penstock-sign-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(path, sizeof path, "%s/secret", folder);
}

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void write_secret(const char *text, mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	ck_assert_int_eq(fchmod(fd, mode), 0);
	close(fd);
}

static struct secret secret_of(const char *text)
{
	struct secret secret = {0};
	struct problem problem = {0};

	write_secret(text, 0600);
	ck_assert_msg(secret_read(path, &secret, &problem) == 0, "%s", problem.message);
	return secret;
}

static void check_signature(struct secret *secrets, size_t n, const char *body, const char *want)
{
	CLEANUP(buf_fini) struct buf signature = {0};
	const struct signing_key key = {.secrets = secrets, .n_secrets = n};
	struct outside_loader *loader;

	ck_assert_int_eq(outside_new(&loader), 0);
	ck_assert_int_eq(outside_load(loader), 0);
	ck_assert_int_eq(
		sign_call(&signature, &key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body, strlen(body)),
		0);
	ck_assert_str_eq(signature.data, want);
	outside_free(loader);
}

/* The first is published; the others were computed by Python's hmac. */
START_TEST(a_signature_is_that_of_the_specification_and_there_is_one_for_each_secret)
{
	struct secret secrets[] = {secret_of(PUBLISHED), secret_of(OTHER)};

	check_signature(secrets, 1, BODY, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	check_signature(secrets, 2, BODY,
		"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE= v1,O4Gjv1HqPqsMrjmczoggs/sWA8gZD0VyHG+fLh4+ktI=");
	check_signature(secrets + 1, 1, "", "v1,GsnVozukDiVmbnjDPsr6Y6lFW7x/ARAGr0VbaFdOnHY=");
	secret_fini(&secrets[0]);
	secret_fini(&secrets[1]);
	ck_assert_ptr_null(secrets[0].data);
}
END_TEST

START_TEST(a_secret_is_read_with_the_line_end_of_an_editor_and_from_a_credential_by_name)
{
	struct secret secret = secret_of(PUBLISHED " \r\n\n");

	ck_assert_uint_eq(secret.bytes, 24);
	secret_fini(&secret);
	ck_assert_int_eq(setenv("CREDENTIALS_DIRECTORY", folder, 1), 0);
	write_secret(OTHER, 0440);
	ck_assert_int_eq(secret_read("secret", &secret, NULL), 0);
	ck_assert_uint_eq(secret.bytes, 32);
	secret_fini(&secret);
}
END_TEST

static void check_refused(const char *file, const char *words)
{
	struct secret secret = {0};
	struct problem problem = {0};

	ck_assert_int_eq(secret_read(file, &secret, &problem), -EINVAL);
	ck_assert_msg(strstr(problem.message, words), "%s", problem.message);
	ck_assert_ptr_null(secret.data);
	ck_assert_ptr_null(strstr(problem.message, "MfKQ"));
}

START_TEST(what_is_no_secret_is_refused_and_not_told)
{
	static const char *const texts[] = {"", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_", "whsec_MfKQ",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", PUBLISHED " " PUBLISHED,
		"whsec-MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"};
	char longest[2048];

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		write_secret(texts[i], 0600);
		check_refused(path, "is not a secret");
	}
	memset(longest, 'A', sizeof longest - 1);
	longest[sizeof longest - 1] = '\0';
	write_secret(longest, 0600);
	check_refused(path, "has more than");
	write_secret(PUBLISHED, 0604);
	check_refused(path, "is not secret: all may read or change it, by its mode 0604");
	check_refused("/nowhere", "No such file");
	check_refused("/", "is no regular file");
	check_refused("", "nor the name of a credential");
	check_refused("../secret", "nor the name of a credential");
	unsetenv("CREDENTIALS_DIRECTORY");
	check_refused("secret", "the service manager has passed none");
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("sign");

	tcase_add_checked_fixture(tcase, make_folder, remove_folder);
	tcase_add_test(tcase, a_signature_is_that_of_the_specification_and_there_is_one_for_each_secret);
	tcase_add_test(tcase, a_secret_is_read_with_the_line_end_of_an_editor_and_from_a_credential_by_name);
	tcase_add_test(tcase, what_is_no_secret_is_refused_and_not_told);
	return unit_run("sign", tcase);
}
