#pragma once

#include <cstddef>
#include <filesystem>

namespace headroom::app {

/// `headroom trust score`: one of the three inputs, and where the answer goes.
struct TrustScoreCommand {
    std::filesystem::path readings;
    std::filesystem::path fdia;
    std::filesystem::path nab;
    std::filesystem::path out;
    std::size_t samples_a_day = 48;  ///< of `fdia`
};
int run_trust_score(const TrustScoreCommand& command);

}  // namespace headroom::app
