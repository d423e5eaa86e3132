#pragma once

#include "beckn/signature_profile.hpp"

#include <string>
#include <utility>

namespace headroom::agents::test {

/// Who signs with the key that is made of 32 times this letter.
inline beckn::Signer signer_of(char letter, std::string subscriber = "bpp.example", std::string key = "k1") {
    return {std::move(subscriber), std::move(key),
            Ed25519KeyPair::from_secret(std::string(32, letter)).value()};
}

}  // namespace headroom::agents::test
