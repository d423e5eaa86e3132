#include "api/static_files.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace headroom::api {
namespace {

constexpr WebFile script{.path = "/assets/index-3fa1.js",
                         .type = "text/javascript; charset=utf-8",
                         .etag = "abc",
                         .plain = "plain bytes",
                         .gzip = "gzip",
                         .brotli = "br"};
constexpr WebFile page{.path = "/index.html",
                       .type = "text/html; charset=utf-8",
                       .etag = "def",
                       .plain = "<!doctype html>",
                       .gzip = "",
                       .brotli = ""};

net::Request asking(std::initializer_list<net::Headers::Field> fields) {
    net::Request request;
    request.method = "GET";
    request.headers = net::Headers(fields);
    return request;
}

TEST(AcceptsCoding, ReadsNamesWeightsAndTheStar) {
    EXPECT_TRUE(accepts_coding("gzip, deflate, br", "br"));
    EXPECT_TRUE(accepts_coding("GZIP;q=0.5", "gzip"));
    EXPECT_TRUE(accepts_coding("*", "br"));
    EXPECT_FALSE(accepts_coding("gzip", "br"));
    EXPECT_FALSE(accepts_coding("", "gzip"));
    EXPECT_FALSE(accepts_coding("br;q=0, gzip", "br"));
    EXPECT_FALSE(accepts_coding("br; q=0.000", "br"));
    EXPECT_FALSE(accepts_coding("*, br;q=0", "br"));
    EXPECT_FALSE(accepts_coding("brotli", "br"));
}

TEST(FileResponse, ChoosesTheSmallestFormThatIsAccepted) {
    EXPECT_EQ(file_response(script, asking({{"Accept-Encoding", "gzip, br"}})).body, "br");
    const net::Response gzip = file_response(script, asking({{"Accept-Encoding", "gzip"}}));
    EXPECT_EQ(gzip.body, "gzip");
    EXPECT_EQ(gzip.headers.get("Content-Encoding"), "gzip");
    EXPECT_EQ(gzip.headers.get("Vary"), "Accept-Encoding");
    const net::Response plain = file_response(script, asking({}));
    EXPECT_EQ(plain.body, "plain bytes");
    EXPECT_FALSE(plain.headers.has("Content-Encoding"));
}

TEST(FileResponse, SendsPlainBytesWhereAFormIsNotSmaller) {
    const net::Response response = file_response(page, asking({{"Accept-Encoding", "gzip, br"}}));
    EXPECT_EQ(response.body, "<!doctype html>");
    EXPECT_FALSE(response.headers.has("Content-Encoding"));
}

TEST(FileResponse, KeepsHashedFilesForAYearAndAsksForThePageEachTime) {
    EXPECT_EQ(file_response(script, asking({})).headers.get("Cache-Control"),
              "public, max-age=31536000, immutable");
    EXPECT_EQ(file_response(page, asking({})).headers.get("Cache-Control"), "no-cache");
}

TEST(FileResponse, Answers304OnlyForTheSameFormOfTheSameBytes) {
    const std::string etag(file_response(script, asking({{"Accept-Encoding", "br"}})).headers.get("ETag"));
    EXPECT_EQ(etag, "\"abc-br\"");
    const net::Response same =
        file_response(script, asking({{"Accept-Encoding", "br"}, {"If-None-Match", "\"x\", W/" + etag}}));
    EXPECT_EQ(same.status, 304);
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(same.headers.get("ETag"), etag);
    EXPECT_EQ(file_response(script, asking({{"Accept-Encoding", "gzip"}, {"If-None-Match", etag}})).status,
              200);
    EXPECT_EQ(file_response(script, asking({{"Accept-Encoding", "br"}, {"If-None-Match", "\"old\""}})).status,
              200);
}

TEST(FileResponse, PagesAllowNothingButThisServersOwnScriptsAndStyles) {
    const net::Response response = file_response(page, asking({}));
    const std::string policy(response.headers.get("Content-Security-Policy"));
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos);
    EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
    EXPECT_EQ(policy.find("unsafe"), std::string::npos);
    EXPECT_EQ(policy.find("http"), std::string::npos);
    EXPECT_EQ(response.headers.get("Cross-Origin-Opener-Policy"), "same-origin");
    EXPECT_TRUE(response.headers.has("Permissions-Policy"));
}

TEST(WebFiles, HoldThePageAndWhatItNames) {
    const WebFile* index = find_web_file(web_files(), "/index.html");
    ASSERT_NE(index, nullptr);
    EXPECT_EQ(index->plain.find("<style"), std::string_view::npos);  // the policy would refuse it
    int named = 0;
    for (const std::string_view attribute : {"src=\"/", "href=\"/"}) {
        for (std::size_t at = index->plain.find(attribute); at != std::string_view::npos;
             at = index->plain.find(attribute, at + 1)) {
            const std::size_t begin = at + attribute.size() - 1;
            const std::string_view path = index->plain.substr(begin, index->plain.find('"', begin) - begin);
            EXPECT_NE(find_web_file(web_files(), path), nullptr) << path;
            named += 1;
        }
    }
    EXPECT_GE(named, 3);
}

TEST(WebFiles, ScriptsFitIntoAQuarterOfAMegabyteCompressed) {
    std::size_t size = 0;
    std::set<std::string_view> paths;
    for (const WebFile& file : web_files()) {
        EXPECT_TRUE(paths.insert(file.path).second) << file.path;
        EXPECT_FALSE(file.plain.empty()) << file.path;
        if (file.path.ends_with(".js")) {
            size += file.gzip.empty() ? file.plain.size() : file.gzip.size();
        }
    }
    EXPECT_LE(size, 250U * 1024U);
}

}  // namespace
}  // namespace headroom::api
