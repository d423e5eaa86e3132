#include "feeds/feed_cache.hpp"

#include "core/digest.hpp"
#include "core/json.hpp"
#include "core/json_object.hpp"
#include "core/log.hpp"
#include "core/object_reader.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <utility>
#include <vector>

namespace headroom::feeds {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t header_max = 64 * 1024;
constexpr const char* health_file = "health.json";

Result<void> write_whole(const fs::path& file, const std::string& text) {
    std::error_code fault;
    fs::create_directories(file.parent_path(), fault);
    fs::path temporary = file;
    temporary += "." + std::to_string(::getpid()) + ".tmp";
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out.write(text.data(), static_cast<std::streamsize>(text.size()));
    out.close();
    if (out) {
        fs::rename(temporary, file, fault);
        if (!fault) {
            return {};
        }
    }
    std::error_code ignored;
    fs::remove(temporary, ignored);
    return Error{Errc::unavailable, "cannot write " + file.string()};
}

std::optional<std::string> read_whole(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
        return std::nullopt;
    }
    return std::string{std::istreambuf_iterator<char>(in), {}};
}

json::Object header_of(const std::string& target, const Provenance& from) {
    return {{"target", target},       {"source", from.source},
            {"url", from.url},        {"fetched", format_utc(from.fetched)},
            {"status", from.status},  {"sha256", from.sha256},
            {"licence", from.licence}};
}

/// The first line is the header, the rest is the body as it came.
Result<FeedDocument> read_document(const std::string& text, const std::string& target) {
    const std::size_t line = text.find('\n');
    if (line == std::string::npos || line > header_max) {
        return Error{Errc::corrupt, "it has no header"};
    }
    const Result<json::Value> parsed = json::parse(std::string_view(text).substr(0, line));
    if (!parsed) {
        return parsed.error();
    }
    json::ObjectReader read(*parsed);
    const std::string kept_target = read.text("target", 8192);
    FeedDocument document;
    document.provenance = {.source = read.text("source", 64),
                           .url = read.text("url", 8192),
                           .fetched = read.time("fetched"),
                           .status = static_cast<int>(read.integer("status", 100, 599)),
                           .sha256 = read.text("sha256", 64),
                           .licence = read.text("licence")};
    if (!read.ok()) {
        return read.error();
    }
    document.body = text.substr(line + 1);
    if (kept_target != target || sha256_hex(document.body) != document.provenance.sha256) {
        return Error{Errc::corrupt, "it does not hold what its name says"};
    }
    document.is_from_cache = true;
    return document;
}

}  // namespace

fs::path FeedCache::file_of(const std::string& source, const std::string& target) const {
    return folder_ / source / (sha256_hex(target).substr(0, 32) + ".answer");
}

std::optional<FeedDocument> FeedCache::find(const std::string& source, const std::string& target) const {
    const fs::path file = file_of(source, target);
    const std::optional<std::string> text = read_whole(file);
    if (!text) {
        return std::nullopt;
    }
    Result<FeedDocument> document = read_document(*text, target);
    if (!document) {
        log::warn("a cached answer cannot be read",
                  {{"file", file.string()}, {"error", document.error().message}});
        return std::nullopt;
    }
    return std::move(*document);
}

Result<void> FeedCache::put(const std::string& target, const FeedDocument& document) {
    return write_whole(file_of(document.provenance.source, target),
                       json::write(header_of(target, document.provenance)) + "\n" + document.body);
}

void FeedCache::forget(const std::string& source, const std::string& target) const {
    std::error_code fault;
    fs::remove(file_of(source, target), fault);
    if (fault) {
        log::warn("a cached answer cannot be let go of", {{"source", source}, {"error", fault.message()}});
    }
}

FeedHealth FeedCache::health(const std::string& source) const {
    FeedHealth health{.source = source, .trouble = {}};
    const std::optional<std::string> text = read_whole(folder_ / source / health_file);
    const Result<json::Value> parsed = text ? json::parse(*text) : Result<json::Value>(json::Value());
    if (!text || !parsed) {
        return health;
    }
    const auto time = [&](const char* pointer) -> std::optional<UtcTime> {
        const Result<UtcTime> read = parse_utc(parsed->text(pointer));
        return read ? std::optional(*read) : std::nullopt;
    };
    health.last_answer = time("/last_answer");
    health.last_trouble = time("/last_trouble");
    health.not_before = time("/not_before");
    health.trouble = parsed->text("/trouble");
    return health;
}

Result<void> FeedCache::put_health(const FeedHealth& health) {
    const auto text = [](const std::optional<UtcTime>& time) {
        return time ? json::Value(format_utc(*time)) : json::Value();
    };
    const json::Object out{{"last_answer", text(health.last_answer)},
                           {"last_trouble", text(health.last_trouble)},
                           {"trouble", health.trouble},
                           {"not_before", text(health.not_before)}};
    return write_whole(folder_ / health.source / health_file, json::write(out) + "\n");
}

void FeedCache::prune(const std::string& source, UtcTime now, milliseconds age, std::size_t files_max) const {
    std::error_code fault;
    std::vector<std::pair<fs::file_time_type, fs::path>> files;
    const auto wall = fs::file_time_type::clock::from_sys(now);
    for (fs::directory_iterator entry(folder_ / source, fault), end; !fault && entry != end;
         entry.increment(fault)) {
        if (entry->path().extension() == ".answer") {
            files.emplace_back(entry->last_write_time(fault), entry->path());
        }
    }
    std::sort(files.begin(), files.end());
    for (std::size_t i = 0; i < files.size(); ++i) {
        if (files.size() - i > files_max || files[i].first + age < wall) {
            fs::remove(files[i].second, fault);
        }
    }
}

}  // namespace headroom::feeds
