#pragma once

#include "core/result.hpp"
#include "net/kafka_settings.hpp"

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <librdkafka/rdkafka.h>

namespace headroom::net {

struct FreeKafkaConf {
    void operator()(rd_kafka_conf_t* conf) const { rd_kafka_conf_destroy(conf); }
};
using KafkaConf = std::unique_ptr<rd_kafka_conf_t, FreeKafkaConf>;
struct FreeKafkaPartitions {
    void operator()(rd_kafka_topic_partition_list_t* list) const {
        rd_kafka_topic_partition_list_destroy(list);
    }
};
using KafkaPartitions = std::unique_ptr<rd_kafka_topic_partition_list_t, FreeKafkaPartitions>;

/// The library's settings for a cluster; the log goes to ours.
/// Errors: `invalid` for what the library refuses or what we keep for ourselves, naming the option.
[[nodiscard]] Result<KafkaConf> make_kafka_conf(const KafkaCluster& cluster);
/// Sets one option. Errors: as above.
[[nodiscard]] Result<void> set_kafka_option(rd_kafka_conf_t* conf, const std::string& name,
                                            const std::string& value);
/// The library's handle; takes `conf`. Errors: `invalid` or `unavailable`.
[[nodiscard]] Result<rd_kafka_t*> make_kafka_handle(rd_kafka_type_t type, KafkaConf conf);

[[nodiscard]] KafkaPartitions to_partition_list(std::span<const KafkaPosition> positions);
/// What is wrong with a field of the settings; `message` goes on after the field's name.
[[nodiscard]] Error bad_kafka_setting(const std::string& field, const std::string& message);
/// A code of the library as our fault.
[[nodiscard]] Error kafka_error(rd_kafka_resp_err_t code, std::string_view what);

}  // namespace headroom::net
