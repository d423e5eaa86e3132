#include "net/kafka_conf.hpp"

#include "core/log.hpp"

#include <algorithm>
#include <array>

namespace headroom::net {
namespace {

constexpr std::size_t credential_bytes_max = 512;
constexpr std::size_t options_max = 100;

/// What the promises hang on is not for passing through.
constexpr std::array<std::string_view, 14> ours{"bootstrap.servers",
                                                "metadata.broker.list",
                                                "group.id",
                                                "enable.auto.commit",
                                                "auto.offset.reset",
                                                "enable.auto.offset.store",
                                                "client.id",
                                                "enable.idempotence",
                                                "acks",
                                                "request.required.acks",
                                                "statistics.interval.ms",
                                                "plugin.library.paths",
                                                "partition.assignment.strategy",
                                                "group.instance.id"};

void on_log(const rd_kafka_t*, int level, const char* facility, const char* text) {
    constexpr int syslog_error = 3;
    constexpr int syslog_warning = 4;
    if (std::string_view(facility) == "CONFWARN") {
        return;  // an option for producers that stands beside a consumer's, and such
    }
    const json::Object fields{{"facility", std::string(facility)}, {"text", std::string(text)}};
    if (level <= syslog_error) {
        log::warn("Kafka", fields);  // the library calls every broken connection an error; it tries again
    } else if (level <= syslog_warning) {
        log::info("Kafka", fields);
    }
}

Result<void> check_cluster(const KafkaCluster& cluster) {
    if (cluster.brokers.empty() || cluster.brokers.size() > 4'096) {
        return bad_kafka_setting("brokers", "must be host:port, or several with commas, at most 4096 bytes");
    }
    if (cluster.client_id.size() > 255 || cluster.user.size() > credential_bytes_max ||
        cluster.password.size() > credential_bytes_max) {
        return bad_kafka_setting("client_id",
                                 "user and password must be at most 255, 512 and 512 bytes long");
    }
    if (cluster.user.empty() && !cluster.password.empty()) {
        return bad_kafka_setting("password", "needs a user");
    }
    if (cluster.cert_file.empty() != cluster.key_file.empty()) {
        return bad_kafka_setting("cert_file", "and key_file are needed both, or neither");
    }
    if (cluster.options.size() > options_max) {
        return bad_kafka_setting("options", "are too many: at most " + std::to_string(options_max));
    }
    for (const auto& [name, value] : cluster.options) {
        if (std::find(ours.begin(), ours.end(), name) != ours.end()) {
            return bad_kafka_setting(
                "options",
                "may not hold " + name + ": it has a setting of its own, or our guarantees hang on it");
        }
        if (value.size() > 4'096) {
            return bad_kafka_setting("options", "has a value of " + name + " beyond 4096 bytes");
        }
    }
    return {};
}

}  // namespace

Error bad_kafka_setting(const std::string& field, const std::string& message) {
    return Error{Errc::invalid, "Kafka " + field + " " + message, "/" + field};
}

Result<void> set_kafka_option(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
    std::array<char, 512> text{};
    if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), text.data(), text.size()) == RD_KAFKA_CONF_OK) {
        return {};
    }
    return bad_kafka_setting("option " + name, std::string("is not taken: ") + text.data());
}

Result<KafkaConf> make_kafka_conf(const KafkaCluster& cluster) {
    if (const Result<void> good = check_cluster(cluster); !good) {
        return good.error();
    }
    const bool is_tls = cluster.tls || !cluster.ca_file.empty();
    const bool is_sasl = !cluster.user.empty();
    std::vector<std::pair<std::string, std::string>> options{
        {"bootstrap.servers", cluster.brokers},
        {"client.id", cluster.client_id},
        {"security.protocol",
         is_tls ? (is_sasl ? "sasl_ssl" : "ssl") : (is_sasl ? "sasl_plaintext" : "plaintext")}};
    const auto add = [&](const char* name, const std::string& value) {
        if (!value.empty()) {
            options.emplace_back(name, value);
        }
    };
    if (is_sasl) {
        add("sasl.mechanism", cluster.sasl_mechanism);
        add("sasl.username", cluster.user);
        add("sasl.password", cluster.password);
    }
    add("ssl.ca.location", cluster.ca_file);
    add("ssl.certificate.location", cluster.cert_file);
    add("ssl.key.location", cluster.key_file);
    options.insert(options.end(), cluster.options.begin(), cluster.options.end());
    KafkaConf conf(rd_kafka_conf_new());
    for (const auto& [name, value] : options) {
        if (const Result<void> set = set_kafka_option(conf.get(), name, value); !set) {
            return set.error();
        }
    }
    rd_kafka_conf_set_log_cb(conf.get(), &on_log);
    return conf;
}

Result<rd_kafka_t*> make_kafka_handle(rd_kafka_type_t type, KafkaConf conf) {
    std::array<char, 512> text{};
    rd_kafka_t* handle = rd_kafka_new(type, conf.get(), text.data(), text.size());
    if (handle == nullptr) {
        return bad_kafka_setting("settings", std::string("are not taken: ") + text.data());
    }
    static_cast<void>(conf.release());  // the handle owns it now
    return handle;
}

KafkaPartitions to_partition_list(std::span<const KafkaPosition> positions) {
    KafkaPartitions list(rd_kafka_topic_partition_list_new(static_cast<int>(positions.size())));
    for (const KafkaPosition& position : positions) {
        rd_kafka_topic_partition_list_add(list.get(), position.topic.c_str(), position.partition)->offset =
            position.next_offset;
    }
    return list;
}

Error kafka_error(rd_kafka_resp_err_t code, std::string_view what) {
    const std::string text = std::string(what) + ": " + rd_kafka_err2str(code);
    switch (code) {
        case RD_KAFKA_RESP_ERR__TIMED_OUT:
        case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
        case RD_KAFKA_RESP_ERR__MSG_TIMED_OUT:
            return Error{Errc::timeout, text, {}};
        case RD_KAFKA_RESP_ERR__AUTHENTICATION:
        case RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED:
        case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED:
        case RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED:
            return Error{Errc::denied, text, {}};
        case RD_KAFKA_RESP_ERR__INVALID_ARG:
        case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
            return Error{Errc::invalid, text, {}};
        case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
        case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
            return Error{Errc::not_found, text, {}};
        case RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION:
        case RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID:
        case RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS:
        case RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID:
            return Error{Errc::conflict, text, {}};
        default:
            return Error{Errc::unavailable, text, {}};
    }
}

}  // namespace headroom::net
