#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::storage {

// By what a job is known again when a worker brings it back changed (a retry has an error message, a job that
// is restored has another header): by the id that its payload holds, if that is JSON with one, else by all
// its bytes.
//
//   JobIdentity jobs({.ids = {"jid"}, .returns = {"retry_count", "failed_at"}});
//   jobs.Of(R"({"class":"Mail","jid":"a1"})") == jobs.Of(R"({"jid":"a1","retry_count":0})")
//
// A field at the top of the JSON object counts before one of that name further inside (of arguments). An
// envelope around a job (Resque's "payload" in what failed) is the job. What is read is bounded by the
// payload; nothing need be valid JSON.
class JobIdentity {
 public:
  struct Fields {
    std::vector<std::string> ids{};        // the first that the payload has is the job's id
    std::vector<std::string> returns{};    // such a job has been out before
    std::vector<std::string> envelopes{};  // fields that hold the job itself, an object
  };

  explicit JobIdentity(const Fields& fields);

  // Equal for equal jobs; different jobs have the same one by a chance of 2^-64.
  [[nodiscard]] uint64_t Of(std::string_view payload) const;
  // The same only for what has an id or an envelope in it: nullopt for other bytes.
  [[nodiscard]] std::optional<uint64_t> OfNamed(std::string_view payload) const;
  // The payload shows by itself that the job was out: it names the job, and has a field of those that failed.
  [[nodiscard]] bool IsReturn(std::string_view payload) const;

 private:
  [[nodiscard]] std::optional<uint64_t> OfEnveloped(std::string_view payload) const;

  // In quotes, as they stand in JSON.
  std::vector<std::string> ids_;
  std::vector<std::string> returns_;
  std::vector<std::string> envelopes_;
};

}  // namespace holdfast::storage
