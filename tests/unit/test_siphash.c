/* test_siphash.c - the hash is SipHash-1-3, so its proofs are ours. */
#include "lib/siphash.h"

#include "unit.h"

/* Key 00 01 .. 0f, input 00 01 .. of n bytes; by a program that also gives the paper's vector for 2-4. */
static const struct {
	size_t n;
	uint64_t hash;
} vectors[] = {
	{0,  UINT64_C(0xabac0158050fc4dc)},
	{1,  UINT64_C(0xc9f49bf37d57ca93)},
	{2,  UINT64_C(0x82cb9b024dc7d44d)},
	{7,  UINT64_C(0xd3927d989bb11140)},
	{8,  UINT64_C(0x369095118d299a8e)},
	{15, UINT64_C(0xd320d86d2a519956)},
	{16, UINT64_C(0xcc4fdd1a7d908b66)},
};

START_TEST(known_inputs_have_their_known_hash)
{
	unsigned char bytes[16];
	uint64_t key[2] = {UINT64_C(0x0706050403020100), UINT64_C(0x0f0e0d0c0b0a0908)};

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (unsigned char)i;
	ck_assert_uint_eq(pen__siphash(key, bytes, vectors[_i].n), vectors[_i].hash);
}
END_TEST

START_TEST(the_key_the_bytes_and_their_number_all_count)
{
	uint64_t key[2] = {1, 2}, other[2] = {1, 3};
	uint64_t hash = pen__siphash(key, "abcdefgh\0", 8);

	ck_assert(hash == pen__siphash(key, "abcdefgh", 8));
	ck_assert(hash != pen__siphash(other, "abcdefgh", 8));
	ck_assert(hash != pen__siphash(key, "abcdefgi", 8));
	ck_assert(hash != pen__siphash(key, "abcdefgh\0", 9));
	ck_assert(pen__siphash(key, NULL, 0) == pen__siphash(key, "x", 0));
}
END_TEST

int main(void)
{
	TCase *tcase = tcase_create("siphash");

	tcase_add_loop_test(
		tcase, known_inputs_have_their_known_hash, 0, sizeof(vectors) / sizeof(vectors[0]));
	tcase_add_test(tcase, the_key_the_bytes_and_their_number_all_count);
	return unit_run("siphash", tcase);
}
