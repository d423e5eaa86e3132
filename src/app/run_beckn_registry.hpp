#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace headroom::app {

struct BecknRegistryCommand {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::filesystem::path data_dir = "beckn-registry";
    std::string subscriber = "registry.headroom.example";
    std::vector<std::string> allow;  ///< who may be called with a challenge; empty: this machine
    bool needs_signed_lookups = false;
    std::string gateway;    ///< id under which it is the network's gateway too; empty: it is none
    std::string discovery;  ///< id under which it is the discovery service of a 2.0 network too; empty: none
    std::string domain = "deg:flexibility";
    std::filesystem::path capture;  ///< file for what the discovery service takes and sends; may be empty
    bool is_json = false;
};
/// `headroom beckn registry`: serves until it is asked to stop.
int run_beckn_registry(const BecknRegistryCommand& command);

struct BecknSubscribeCommand {
    std::string registry;  ///< base URL
    std::string subscriber;
    std::string url;  ///< base of its callbacks; POST {url}/on_subscribe is served from here meanwhile
    std::string type = "BAP";
    std::string domain = "deg:flexibility";
    std::filesystem::path key_file;
    std::string key_id;
    std::filesystem::path signed_by;  ///< a key that is listed already, when this one replaces it
    std::string signed_by_id;
    std::string registry_key;   ///< Base64; empty: what the registry says itself
    bool is_elsewhere = false;  ///< somebody else answers /on_subscribe
    bool is_json = false;
};
/// `headroom beckn subscribe`: exit 0 subscribed, 1 refused or not in time.
int run_beckn_subscribe(const BecknSubscribeCommand& command);

}  // namespace headroom::app
