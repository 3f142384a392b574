#include "storage/job_identity.h"

#include <algorithm>
#include <cstring>

#include "xxhash.h"

namespace holdfast::storage {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

bool IsJson(std::string_view payload) { return payload.starts_with('{') || payload.starts_with('['); }

std::string_view SkipBlanks(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(kBlanks), text.size()));
}

// Where `word` stands in `text` from `from` on. Not string_view's find, which looks at every quote of the
// JSON.
size_t Place(std::string_view text, std::string_view word, size_t from = 0) {
  const void* found = ::memmem(text.data() + from, text.size() - from, word.data(), word.size());
  return found == nullptr ? std::string_view::npos
                          : static_cast<size_t>(static_cast<const char*>(found) - text.data());
}

// The value behind a field's name: a text without its quotes, or a number. nullopt if it is neither, or if
// what stands there was no field.
std::optional<std::string_view> ValueBehind(std::string_view rest) {
  rest = SkipBlanks(rest);
  if (!rest.starts_with(':')) return std::nullopt;
  rest = SkipBlanks(rest.substr(1));
  if (!rest.starts_with('"')) {
    const std::string_view number = rest.substr(0, rest.find_first_not_of("0123456789+-.eE"));
    return number.empty() ? std::nullopt : std::optional(number);
  }
  rest.remove_prefix(1);
  const size_t end = rest.find('"');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  return rest.substr(0, end);
}

// How deep in objects and lists one stands after the bytes that were read: 1 in the outermost.
class Nesting {
 public:
  void Read(char byte) {
    if (escaped_) {
      escaped_ = false;
    } else if (in_text_) {
      escaped_ = byte == '\\';
      in_text_ = byte != '"';
    } else if (byte == '"') {
      in_text_ = true;
    } else if (byte == '{' || byte == '[') {
      ++depth_;
    } else if (byte == '}' || byte == ']') {
      --depth_;
    }
  }
  [[nodiscard]] int depth() const { return depth_; }

 private:
  int depth_ = 0;
  bool in_text_ = false;
  bool escaped_ = false;
};

bool IsAtTop(std::string_view json, size_t place) {
  Nesting nesting;
  for (const char byte : json.substr(0, place)) nesting.Read(byte);
  return nesting.depth() == 1;
}

// Visits the fields of that name, wherever they stand, until one is enough. `quoted` is the name in quotes.
template <typename Enough>
void EachField(std::string_view json, std::string_view quoted, Enough enough) {
  for (size_t place = Place(json, quoted); place != std::string_view::npos;
       place = Place(json, quoted, place + 1)) {
    const auto value = ValueBehind(json.substr(place + quoted.size()));
    if (value && enough(place, *value)) return;
  }
}

// Whether the outermost object has such a field.
bool HasAtTop(std::string_view json, std::string_view quoted) {
  bool found = false;
  EachField(json, quoted, [&](size_t place, std::string_view) { return found = IsAtTop(json, place); });
  return found;
}

// Usually there is one such field, and it is not asked where.
std::optional<std::string_view> Field(std::string_view json, std::string_view quoted) {
  std::optional<std::string_view> chosen;
  size_t first_place = 0;
  EachField(json, quoted, [&](size_t place, std::string_view value) {
    if (!chosen) {
      chosen = value;
      first_place = place;
      return false;
    }
    if (IsAtTop(json, first_place)) return true;
    if (!IsAtTop(json, place)) return false;
    chosen = value;
    return true;
  });
  return chosen;
}

// The object that is a field's value, with its braces.
std::optional<std::string_view> ObjectBehind(std::string_view rest) {
  rest = SkipBlanks(rest);
  if (!rest.starts_with(':')) return std::nullopt;
  rest = SkipBlanks(rest.substr(1));
  if (!rest.starts_with('{')) return std::nullopt;
  Nesting nesting;
  for (size_t i = 0; i < rest.size(); ++i) {
    nesting.Read(rest[i]);
    if (nesting.depth() == 0) return rest.substr(0, i + 1);
  }
  return std::nullopt;
}

// Another seed than the ids', so that a bare id (as BullMQ has them) is not taken for a payload that holds
// it.
uint64_t OfBytes(std::string_view bytes) { return XXH3_64bits_withSeed(bytes.data(), bytes.size(), 1); }

std::vector<std::string> Quoted(const std::vector<std::string>& names) {
  std::vector<std::string> quoted;
  quoted.reserve(names.size());
  for (const std::string& name : names) quoted.push_back('"' + name + '"');
  return quoted;
}

}  // namespace

JobIdentity::JobIdentity(const Fields& fields)
    : ids_(Quoted(fields.ids)), returns_(Quoted(fields.returns)), envelopes_(Quoted(fields.envelopes)) {}

std::optional<uint64_t> JobIdentity::OfNamed(std::string_view payload) const {
  if (!IsJson(payload)) return std::nullopt;
  for (const std::string& id : ids_) {
    if (const auto value = Field(payload, id)) return XXH3_64bits(value->data(), value->size());
  }
  return OfEnveloped(payload);
}

std::optional<uint64_t> JobIdentity::OfEnveloped(std::string_view payload) const {
  for (const std::string& envelope : envelopes_) {
    const size_t place = Place(payload, envelope);
    if (place == std::string_view::npos) continue;
    if (const auto object = ObjectBehind(payload.substr(place + envelope.size()))) return OfBytes(*object);
  }
  return std::nullopt;
}

uint64_t JobIdentity::Of(std::string_view payload) const {
  if (const auto named = OfNamed(payload)) return *named;
  return OfBytes(payload);
}

bool JobIdentity::IsReturn(std::string_view payload) const {
  return OfNamed(payload) && std::any_of(returns_.begin(), returns_.end(),
                                         [&](const std::string& field) { return HasAtTop(payload, field); });
}

}  // namespace holdfast::storage
