#pragma once

#include "core/result.hpp"
#include "core/time.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace headroom::net {

/// How a Kafka cluster is reached.
struct KafkaCluster {
    std::string brokers;  ///< "host:port,host:port"; at least one answers
    std::string client_id = "headroom";
    std::string user;  ///< SASL when set
    std::string password;
    std::string sasl_mechanism = "SCRAM-SHA-512";  ///< or PLAIN, SCRAM-SHA-256, OAUTHBEARER, GSSAPI
    bool tls = false;                              ///< also without `ca_file`, against the system's roots
    std::string ca_file;                           ///< PEM; set: TLS
    std::string cert_file;
    std::string key_file;
    /// Options of librdkafka by their own names, passed on as they are. Those that the guarantees hang on
    /// (commits, group, resets, idempotence …) are refused.
    std::map<std::string, std::string> options;
};

struct KafkaConsumerSettings {
    KafkaCluster cluster;
    std::vector<std::string> topics;  ///< 1 … 64; "^…" is a regular expression
    std::string group;                ///< consumers of one group share the partitions out
    std::string member;        ///< group.instance.id: keeps its partitions over a quick restart; may be empty
    bool cooperative = true;   ///< incremental rebalances; all members of a group alike
    bool from_newest = false;  ///< where a group begins that has never committed
    /// Fetched ahead of us. Once this is reached, librdkafka before 2.2 looks again after a whole second, so
    /// it has to hold more than we read in one; what is not read yet takes the memory only while there is a
    /// backlog.
    std::size_t queued_bytes_max = 256UL * 1024 * 1024;
    std::size_t message_bytes_max = 1024UL * 1024;  ///< per partition and fetch
    milliseconds session_timeout{10'000};
    milliseconds statistics_every{5'000};
    milliseconds fetch_wait{20};  ///< how long a broker may gather before it answers
};

struct KafkaProducerSettings {
    KafkaCluster cluster;
    milliseconds linger{5};    ///< how long messages are gathered into one request
    bool all_replicas = true;  ///< acks: all in-sync replicas, or the leader alone
    std::size_t queued_messages_max = 100'000;
    std::size_t queued_bytes_max = 64UL * 1024 * 1024;
    milliseconds delivery_timeout{120'000};
};

/// A place in a partition: everything before `next_offset` has been taken in.
struct KafkaPosition {
    std::string topic;
    std::int32_t partition = 0;
    std::int64_t next_offset = -1;  ///< -1: not known yet
    bool operator==(const KafkaPosition&) const = default;
};

}  // namespace headroom::net
