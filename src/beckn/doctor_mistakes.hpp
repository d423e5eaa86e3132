#pragma once

#include "beckn/doctor.hpp"
#include "beckn/signature_header.hpp"

#include <optional>
#include <string>

namespace headroom::beckn {

/// A mistake under which the signature verifies after all.
struct SigningMistake {
    std::string what;
    std::string remedy;
};

/// Tries what writers of signatures usually get wrong, with each of the keys: other bytes of the body, other
/// lines, another spelling of the digest, another key. Nothing when none of it was it.
[[nodiscard]] std::optional<SigningMistake> find_mistake(const DoctorCase& message,
                                                         const SignatureParts& parts);

}  // namespace headroom::beckn
