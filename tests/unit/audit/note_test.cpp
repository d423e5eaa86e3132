#include "audit/note.hpp"

#include "audit/checkpoint.hpp"
#include "unit/audit/support.hpp"

namespace headroom::audit {
namespace {

using testing::keys;
using testing::replaced;
using testing::vector_key;

constexpr std::string_view foo_vkey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view foo_note =
    "This is an example message.\n\n"
    "\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

TEST(VerifierKeyText, IsThatOfTheDescription) {
    const VerifierKey key = make_verifier_key(vectors::origin, vector_key().public_key());
    EXPECT_EQ(to_hex(key.key), "03a107bff3ce10be1d70dd18e74bc09967e4d6309ba50d5f1ddc8664125531b8");
    EXPECT_EQ(to_hex(key.id), "9d536433");
    EXPECT_EQ(format_vkey(key), vectors::vkey);
    EXPECT_EQ(*parse_vkey(vectors::vkey), key);
    EXPECT_EQ(*parse_vkey(std::string(vectors::vkey) + "\n"), key);
    EXPECT_EQ(format_vkey(*parse_vkey(foo_vkey)), foo_vkey);
}

TEST(VerifierKeyText, RefusesWhatDoesNotFitTogether) {
    for (const std::string& text :
         {replaced(foo_vkey, "530d903a", "530d903b"), replaced(foo_vkey, "530d903a", "530D903A"),
          replaced(foo_vkey, "foo", "bar"), replaced(foo_vkey, "example.com/foo", ""),
          replaced(foo_vkey, "U2k", "U2l"), std::string("no plus at all"), std::string("a+b"),
          std::string(""), std::string(foo_vkey) + "\n\n"}) {
        EXPECT_FALSE(parse_vkey(text).has_value()) << text;
    }
    EXPECT_EQ(
        parse_vkey("witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X").error().code,
        Errc::unsupported);
}

TEST(Note, PublishedExampleVerifies) {
    const std::vector<VerifierKey> known{*parse_vkey(foo_vkey)};
    const Result<Note> note = verify_note(foo_note, known);
    ASSERT_TRUE(note.has_value()) << note.error().message;
    EXPECT_EQ(note->text, "This is an example message.\n");
    ASSERT_EQ(note->signatures.size(), 1U);
    EXPECT_EQ(note->signatures.front().name, "example.com/foo");
}

TEST(Note, SignedHereVerifiesHere) {
    const std::string note = sign_note("two\nlines\n", vectors::origin, vector_key());
    EXPECT_EQ(verify_note(note, keys())->text, "two\nlines\n");
}

TEST(Note, UnknownSignaturesAreIgnoredButAKnownOneMustBeThere) {
    EXPECT_TRUE(verify_note(vectors::checkpoint_7_cosigned, keys()).has_value());
    const std::vector<VerifierKey> other{*parse_vkey(foo_vkey)};
    EXPECT_EQ(verify_note(vectors::checkpoint_7_cosigned, other).error().code, Errc::denied);
    EXPECT_EQ(verify_note(vectors::checkpoint_7, {}).error().code, Errc::denied);
}

TEST(Note, AKnownKeysWrongSignatureRejectsTheWholeNote) {
    const Ed25519KeyPair other = *Ed25519KeyPair::from_secret(std::string(32, 'o'));
    const std::string text = format_checkpoint(*parse_checkpoint(parse_note(vectors::checkpoint_7)->text));
    // The id of the known key, the signature of another, then a good signature by an unknown key.
    std::string bytes(as_chars(keys().front().id));
    bytes += as_chars(other.sign(text));
    const std::string unknown = sign_note(text, "unknown.example/key", other).substr(text.size() + 1);
    const std::string forged =
        text + "\n\xE2\x80\x94 " + std::string(vectors::origin) + " " + to_base64(bytes) + "\n" + unknown;
    ASSERT_EQ(parse_note(forged)->signatures.size(), 2U);
    EXPECT_EQ(verify_note(forged, keys()).error().code, Errc::denied);
    // The same name with another key has another id, so it is an unknown key.
    EXPECT_EQ(verify_note(sign_note(text, vectors::origin, other), keys()).error().code, Errc::denied);
}

TEST(Note, RefusesMalformedTexts) {
    const std::string good(vectors::checkpoint_7);
    ASSERT_TRUE(parse_note(good).has_value());
    std::string crlf;
    for (const char c : good) {
        crlf += c == '\n' ? "\r\n" : std::string(1, c);
    }
    std::string many = good;
    const std::string line = good.substr(good.find("\n\n") + 2);
    for (int i = 0; i < 100; ++i) {
        many += line;
    }
    for (const std::string& text :
         {crlf, replaced(good, "\n\n", "\n"), good.substr(0, good.size() - 1),
          good.substr(0, good.find("\n\n") + 2), replaced(good, "\xE2\x80\x94", "-"),
          replaced(good, "nVNkM7N9lG7n", "nVNkM7N9l G7n"), replaced(good, "g4=\n", "g4\n"),
          replaced(good, "rBw+TNys", "rBw-TNys"), good + "junk\n", good + "\n", std::string(""),
          std::string("\n"), std::string("\n\n"),
          replaced(good, "zBV7",
                   "\xFF"
                   "zBV7"),
          replaced(good, "zBV7", "\tzBV7"), many, std::string("text\n\n\xE2\x80\x94 name AAAA\n"),
          std::string(note_bytes_max, 'x') + good}) {
        EXPECT_FALSE(parse_note(text).has_value()) << text.substr(0, 200);
    }
}

TEST(KeyName, HoldsNoBlankPlusOrControlCharacter) {
    EXPECT_TRUE(is_key_name(vectors::origin));
    EXPECT_TRUE(is_key_name("caf\xC3\xA9"));
    for (const std::string_view name :
         {"", "a b", "a+b", "a\nb", "a\tb", "a\xC2\xA0z", "a\xE2\x80\x83z", "a\xE3\x80\x80z", "a\xFFz"}) {
        EXPECT_FALSE(is_key_name(name)) << name;
    }
    EXPECT_FALSE(is_key_name(std::string(256, 'x')));
}

TEST(Checkpoint, SignsTheBytesOfTheDescription) {
    for (const auto& [size, expected] : {std::pair{std::size_t{3}, vectors::checkpoint_3},
                                         std::pair{std::size_t{7}, vectors::checkpoint_7}}) {
        const SignedCheckpoint made = sign_checkpoint({.origin = std::string(vectors::origin),
                                                       .size = size,
                                                       .root = testing::hash_of_hex(vectors::roots[size])},
                                                      vector_key());
        EXPECT_EQ(made.note, expected);
        const Result<SignedCheckpoint> read = verify_checkpoint(expected, keys());
        ASSERT_TRUE(read.has_value()) << read.error().message;
        EXPECT_EQ(read->checkpoint, made.checkpoint);
    }
}

TEST(Checkpoint, RefusesAnyOtherText) {
    const std::string good = parse_note(vectors::checkpoint_7)->text;
    ASSERT_TRUE(parse_checkpoint(good).has_value());
    const std::string root = to_base64(testing::hash_of_hex(vectors::roots[7]));
    for (const std::string& text :
         {replaced(good, "\n7\n", "\n007\n"), replaced(good, "\n7\n", "\n+7\n"),
          replaced(good, "\n7\n", "\n7e0\n"), replaced(good, "\n7\n", "\n 7\n"),
          replaced(good, "\n7\n", "\n\n"), replaced(good, "\n7\n", "\n9223372036854775808\n"),
          replaced(good, root, to_base64(std::string(31, 'x'))),
          replaced(good, root, to_base64(std::string(33, 'x'))),
          replaced(good, root, root.substr(0, root.size() - 1)), replaced(good, root, " " + root),
          replaced(good, "7/WWum", "7_WWum"), good + "extension\n", good.substr(0, good.size() - 1),
          replaced(good, vectors::origin, ""), std::string("")}) {
        EXPECT_FALSE(parse_checkpoint(text).has_value()) << text;
    }
    EXPECT_EQ(parse_checkpoint(replaced(good, "\n7\n", "\n9223372036854775807\n"))->size, max_tree_size);
}

TEST(EntryProofText, IsThatOfTheDescription) {
    LeafTree tree;
    for (const std::string_view leaf : vectors::leaves) {
        tree.append(leaf_hash(leaf));
    }
    EXPECT_EQ(format_entry_proof({.index = 5,
                                  .hashes = *tree.inclusion(5, 7),
                                  .checkpoint_note = std::string(vectors::checkpoint_7)}),
              vectors::proof_5_of_7);
    const Result<Checkpoint> proven = verify_entry_proof(vectors::proof_5_of_7, vectors::leaves[5], keys());
    ASSERT_TRUE(proven.has_value()) << proven.error().message;
    EXPECT_EQ(proven->size, 7U);
}

TEST(EntryProofText, ProvesNothingElse) {
    const std::string good(vectors::proof_5_of_7);
    EXPECT_FALSE(verify_entry_proof(good, vectors::leaves[4], keys()).has_value());
    const std::string hash = "fCXTxa9clPk/CEd+XmpX0m2SSFVxN0JluiN6aI67qrU=\n";
    for (const std::string& text :
         {replaced(good, "index 5", "index 4"), replaced(good, "index 5", "index 7"),
          replaced(good, "index 5", "index 05"), replaced(good, "index 5", "5"), replaced(good, hash, ""),
          replaced(good, hash, hash + hash), replaced(good, hash, to_base64(std::string(31, 'x')) + "\n"),
          replaced(good, "@v1", "@v2"), replaced(good, "\n\n", "\n"), replaced(good, "\n7\n", "\n8\n"),
          std::string("")}) {
        EXPECT_FALSE(verify_entry_proof(text, vectors::leaves[5], keys()).has_value()) << text;
    }
}

TEST(ExactBase64, HasOneFormForTheSameBytes) {
    EXPECT_EQ(*decode_exact_base64("AAEC"), std::string("\0\1\2", 3));
    for (const std::string_view text :
         {"AAE\xFF", "\x80\x80\x80\x80", "AAE", "AAF=", "AAE=\n", "AA-_", " AAEC"}) {
        EXPECT_FALSE(decode_exact_base64(text).has_value()) << text;
    }
    // In a proof the same would pass a hash that nobody wrote.
    const std::string proof =
        replaced(vectors::proof_5_of_7, "Wpg0Tnd83cKUkrF9V",
                 "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    EXPECT_FALSE(parse_entry_proof(proof).has_value());
}

TEST(CanonicalNumber, IsPlainDecimal) {
    EXPECT_EQ(*parse_canonical_number("0"), 0U);
    EXPECT_EQ(*parse_canonical_number("9223372036854775807"), max_tree_size);
    for (const std::string_view text :
         {"", "01", "+1", "-1", "1e3", " 1", "1 ", "0x1", "9223372036854775808", "99999999999999999999999"}) {
        EXPECT_FALSE(parse_canonical_number(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace headroom::audit
