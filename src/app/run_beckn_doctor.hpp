#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace headroom::app {

struct BecknDoctorCommand {
    std::filesystem::path body;     ///< the raw bytes; "-": standard input
    std::filesystem::path headers;  ///< "Name: value" lines or one JSON object
    std::string authorization;      ///< instead of `headers`
    std::string request;            ///< Authorization header of the request that it answers
    std::string key;                ///< Base64; stands for whatever key id the header names
    std::filesystem::path keys;     ///< file of subscriptions, as POST /lookup answers it
    std::string profile = "beckn-006";
    std::string at;                 ///< time to judge by: RFC 3339, Unix seconds, "message"; empty: now
    std::filesystem::path capture;  ///< evidence: a message a line
    bool is_json = false;

    bool is_signing = false;
    std::filesystem::path key_file;
    std::string subscriber;
    std::string key_id;
    std::int64_t ttl_s = 30;
};
/// `headroom beckn doctor`: exit 0 all is well, 1 something is wrong with the message, 2 usage.
int run_beckn_doctor(const BecknDoctorCommand& command);

}  // namespace headroom::app
