require "rack/test"
require "sidekiq/web"

# A person at Sidekiq's Web UI: asks for pages and presses their buttons.
class WebPages
  def initialize
    @browser = Rack::Test::Session.new(Sidekiq::Web)
    @browser.env("rack.session", {})
  end

  # The page's text; raises when the status is not 200.
  def get(path)
    response = @browser.get(path)
    raise "GET #{path} answered #{response.status}: #{response.body[0, 300]}" unless response.status == 200
    response.body
  end

  # Ticks the jobs of a page (/retries, /scheduled, /morgue) and presses a button, as a browser does: the keys that
  # name the jobs and the form's token are those that the page carries.
  def press(path, button, jids)
    page = get(path)
    offered = page.scan(/name=['"]key\[\]['"] value=['"]([^'"]+)['"]/).flatten.uniq
    keys = offered.select { |key| key.end_with?(*jids) }
    raise "#{path} offers #{keys.size} of #{jids.size} jobs" unless keys.size == jids.size
    post(path[/[^?]+/], token_of(page), "key" => keys, button => button.capitalize)
  end

  private

  def token_of(page)
    page[/name=['"]authenticity_token['"] value=['"]([^'"]+)['"]/, 1] or raise "the page has no form token"
  end

  def post(path, token, fields)
    response = @browser.post(path, {"authenticity_token" => token}.merge(fields))
    raise "POST #{path} answered #{response.status}: #{response.body[0, 300]}" unless response.redirect?
  end
end
