#pragma once

#include "beckn/key_record.hpp"
#include "beckn/signature_verify.hpp"
#include "core/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace headroom::beckn {

/// A message with what is known about it: header values as received, empty when absent.
struct DoctorCase {
    std::string body;
    std::string authorization;
    std::string gateway_authorization = {};
    std::string digest = {};
    std::string ack_signature = {};          ///< of an answer, instead of `authorization`
    std::string request_authorization = {};  ///< of the request that it answers
    SignatureRules rules = {};
    std::vector<PublishedKey> keys = {};
    bool takes_any_key_id = false;  ///< the first key stands for whatever id the header names
    UtcTime at{};                   ///< the clock that times are judged by
};

enum class DoctorLevel : std::uint8_t { good, warning, fault };
[[nodiscard]] std::string_view to_string(DoctorLevel level);

/// One thing that was looked at.
struct DoctorFinding {
    DoctorLevel level = DoctorLevel::good;
    std::string where;   ///< "signature", "digest", "identity", or the JSON Pointer of a fault
    std::string what;    ///< a sentence
    std::string remedy;  ///< what its sender can do; may be empty
};

struct DoctorReport {
    SignatureVerdict verdict;
    std::string dialect;       ///< "1.1"; empty when the body is no message
    std::string key_id;        ///< as the header names it
    std::string digest;        ///< "BLAKE-512=…" of the body as it stands
    std::string signing_text;  ///< the bytes that the signature has to stand over
    std::vector<DoctorFinding> findings;

    [[nodiscard]] bool is_good() const;
    [[nodiscard]] json::Object to_json() const;
};

/// Looks at a message offline and explains it: which bytes, which key, which rule; for a signature that does
/// not verify it tries the mistakes that are usually made and names the one that it was. Pure.
[[nodiscard]] DoctorReport examine(const DoctorCase& message);

}  // namespace headroom::beckn
