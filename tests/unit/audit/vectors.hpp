#pragma once

#include <array>
#include <string_view>

// The log that docs/formats/audit.md takes as its example: seven entries, their roots, segments and
// checkpoints.
namespace headroom::audit::vectors {

inline constexpr std::string_view origin = "flex.example/control-room/audit-1";
inline constexpr std::string_view seed_hex =
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
inline constexpr std::string_view vkey =
    "flex.example/control-room/audit-1+9d536433+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

inline constexpr std::array<std::string_view, 7> leaves{
    R"leaf({"actor":{"id":"core","kind":"system"},"body":{"epoch":1,"instance":"cr-a","origin":"flex.example/control-room/audit-1","software":"headroom/0.1.0"},"outcome":"ok","seq":0,"ts":"2026-11-20T16:50:00.000Z","type":"log.open","v":1})leaf",
    R"leaf({"actor":{"id":"op-17","ip":"192.0.2.10","kind":"user","via":"oidc"},"body":{"roles":["operator"],"session":"s-8f21"},"outcome":"ok","seq":1,"ts":"2026-11-20T16:51:00.001Z","type":"auth.login","v":1})leaf",
    R"leaf({"actor":{"id":"core","kind":"system"},"body":{"asset":"TX-0412","end":"2026-11-20T18:30:00.000Z","need_w":250000,"orders":2,"start":"2026-11-20T17:00:00.000Z"},"corr":"ev-20261120-01","outcome":"ok","seq":2,"ts":"2026-11-20T16:52:00.002Z","type":"dispatch.plan","v":1})leaf",
    R"leaf({"actor":{"id":"op-17","kind":"user"},"body":{"plan_sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},"corr":"ev-20261120-01","outcome":"ok","seq":3,"ts":"2026-11-20T16:53:00.003Z","type":"dispatch.approve","v":1})leaf",
    R"leaf({"actor":{"id":"core","kind":"system"},"body":{"attempt":1,"der":"bess-77","expires":"2026-11-20T17:05:00.000Z","fence":42,"order":"01JD3ZK6V3V9Q6T8W2M4N5P7R9","protocol":"mqtt","setpoint_w":-180000,"start":"2026-11-20T17:00:00.000Z"},"corr":"ev-20261120-01","outcome":"ok","seq":4,"ts":"2026-11-20T16:54:00.004Z","type":"dispatch.order.intent","v":1})leaf",
    R"leaf({"actor":{"id":"bess-77","kind":"device"},"body":{"accepted":true,"latency_ms":412,"note":"café \"ok\" / €\t\u0001","order":"01JD3ZK6V3V9Q6T8W2M4N5P7R9"},"corr":"ev-20261120-01","outcome":"ok","seq":5,"ts":"2026-11-20T16:55:00.005Z","type":"dispatch.order.ack","v":1})leaf",
    R"leaf({"actor":{"id":"k-03","ip":"2001:db8::7","kind":"apikey"},"body":{"method":"POST","path":"/api/v1/dispatch","reason":"role viewer","status":403},"outcome":"denied","seq":6,"ts":"2026-11-20T16:56:00.006Z","type":"api.denied","v":1})leaf",
};

inline constexpr std::array<std::string_view, 7> leaf_hashes{
    "5074e77cd9d0a9927494f3d79511159c7bf2f7949667c4e6185ce01d7a5eca6d",
    "e263bfa51a2865be8e69ecc816fe3e3935ee8fa0bd89bda0d16a66c849c5bfdb",
    "977a58b336d5f1ae2baadb72ec188dfeb363449438130aa76d02086e866df7ec",
    "b1b1c035da982bef736a00f7a9d0d7e124dc2f23f1755a3c3b15ea938f1c7173",
    "7c25d3c5af5c94f93f08477e5e6a57d26d92485571374265ba237a688ebbaab5",
    "544a6b976a7a1f18d070244e2b4776c6e2c2fde5198237044a837fcbbd3106c0",
    "5a98344e777cddc29492b17d5434ae142d84696ba8bb1361d365742310f20007",
};

/// By tree size, from 0.
inline constexpr std::array<std::string_view, 8> roots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "5074e77cd9d0a9927494f3d79511159c7bf2f7949667c4e6185ce01d7a5eca6d",
    "cfef9901a6b3086a0d07dfc9b610c228c92c5b21dc1ddf32b1c00812bc78488e",
    "c0861a61f3cd59b40d3864b82fb9d1aebc6d351c606729e94ff87c726d7b310d",
    "79b8d139ad5dd0b5dabca991c9001de7a177d2c84c3c3860ecc616aa0df39fd1",
    "01ac3be163398def9cea76c7f7beae41fa97f71a04faf67eb4d0d9f8aafd09b2",
    "60ba95455245e1a9e7071348e0071b8751c4792a8ce7915f8632a614cea2a0ac",
    "cc157bfd65ae9b5deca71551e1944c0e03b365b0ac4e99c5d64b31905a82309f",
};

inline constexpr std::string_view checkpoint_3 =
    "flex.example/control-room/audit-1\n3\nwIYaYfPNWbQNOGS4L7nRrrxtNRxgZynpT/h8cm17MQ0=\n\n— "
    "flex.example/control-room/audit-1 "
    "nVNkM3OslrIbzqbbab5J7Sj6sXxECjbyKlleIiZlibHbIEVQLo2KGA1xGyUgqcRgCgtrqakaP5o8uc4fqim3KC7NWQM=\n";
inline constexpr std::string_view checkpoint_7 =
    "flex.example/control-room/audit-1\n7\nzBV7/WWum13spxVR4ZRMDgOzZbCsTpnF1ksxkFqCMJ8=\n\n— "
    "flex.example/control-room/audit-1 "
    "nVNkM7N9lG7njZOpMJ85a4ZgEmnlVzky4ryA3ES3F22jrBw+TNysrBWqnjXbvQEoNPxTDrG2ozz3iNy1M3+6N76W5g4=\n";
inline constexpr std::string_view checkpoint_7_cosigned =
    "flex.example/control-room/audit-1\n7\nzBV7/WWum13spxVR4ZRMDgOzZbCsTpnF1ksxkFqCMJ8=\n\n— "
    "flex.example/control-room/audit-1 "
    "nVNkM7N9lG7njZOpMJ85a4ZgEmnlVzky4ryA3ES3F22jrBw+TNysrBWqnjXbvQEoNPxTDrG2ozz3iNy1M3+6N76W5g4=\n— "
    "witness.example/w1 "
    "IDJKvgAAAABrAJiwiNj4P62RZR618zNwtrUdtyWGO1s9ps2YI5oEGT0W0U6nsAmMuRuMUZeAjfjIAHXUIPQ1RfS1YFSVA8jhN1qaAg=="
    "\n";
inline constexpr std::string_view proof_5_of_7 =
    "c2sp.org/tlog-proof@v1\nindex "
    "5\nfCXTxa9clPk/"
    "CEd+XmpX0m2SSFVxN0JluiN6aI67qrU=\nWpg0Tnd83cKUkrF9VDSuFC2EaWuouxNh02V0IxDyAAc="
    "\nebjROa1d0LXavKmRyQAd56F30shMPDhg7MYWqg3zn9E=\n\nflex.example/control-room/audit-1\n7\nzBV7/"
    "WWum13spxVR4ZRMDgOzZbCsTpnF1ksxkFqCMJ8=\n\n— flex.example/control-room/audit-1 "
    "nVNkM7N9lG7njZOpMJ85a4ZgEmnlVzky4ryA3ES3F22jrBw+TNysrBWqnjXbvQEoNPxTDrG2ozz3iNy1M3+6N76W5g4=\n";

/// Leaves of the RFC 6962 test tree (hexadecimal) and its roots by size.
inline constexpr std::array<std::string_view, 8> rfc_leaves{
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
inline constexpr std::array<std::string_view, 9> rfc_roots{
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

}  // namespace headroom::audit::vectors
