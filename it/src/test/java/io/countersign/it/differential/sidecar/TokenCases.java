// SPDX-License-Identifier: Apache-2.0
package io.countersign.it.differential.sidecar;

import static io.countersign.it.differential.sidecar.HttpCase.Look.AFTERWARDS;

import io.countersign.it.differential.Answer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Requests with tokens, good and not. */
// where lines end is what these are about
@SuppressWarnings("StringConcatToTextBlock")
final class TokenCases {
    private static final String HOST = " HTTP/1.1\nhost: app.test\n";
    private final long now = Instant.now().getEpochSecond();
    private final String soon = "'exp':" + (now + 3600);
    private final String valid = "{'iss':'https://issuer.test','sub':'ann','aud':'app'," + soon + "}";
    private final Filters filters;
    private final Issuer issuer;

    private TokenCases(Filters filters) {
        this.filters = filters;
        this.issuer = filters.issuer();
    }

    static List<Case> all(Filters filters) {
        var cases = new TokenCases(filters);
        return Stream.of(cases.claims(), cases.forms(), cases.places(), cases.rules(), List.of(cases.counted()))
                .flatMap(List::stream)
                .toList();
    }

    private Case asked(String name, String request) {
        var whole = HttpCase.plain("token: " + name, "jwt", request).look(AFTERWARDS);
        return Case.of(whole.name(), main -> whole.ask(filters.of(main.side()).sidecar()));
    }

    private Case bearer(String name, String token) {
        return asked(name, "GET /local" + HOST + "authorization: Bearer " + token + "\n\n");
    }

    private Case claim(String name, String claims) {
        return bearer(name, issuer.token(claims));
    }

    private List<Case> claims() {
        return List.of(
                claim("good", valid),
                claim("expired", valid.replace(soon, "'exp':" + (now - 3600))),
                claim("expired within what clocks may differ", valid.replace(soon, "'exp':" + (now - 20))),
                claim("good without an end", valid.replace("," + soon, "")),
                claim("end in words", valid.replace(soon, "'exp':'soon'")),
                claim("end with a fraction", valid.replace(soon, "'exp':" + (now + 3600) + ".5")),
                claim("end before all time", valid.replace(soon, "'exp':-5")),
                claim("end beyond all time", valid.replace(soon, "'exp':1e30")),
                claim("end at the beginning of time", valid.replace(soon, "'exp':0")),
                claim("not yet valid", valid.replace(soon, "'nbf':" + (now + 3600))),
                claim("beginning in words", valid.replace(soon, "'nbf':'soon'")),
                claim("issued in words", valid.replace(soon, "'iat':'now'")),
                claim("issued tomorrow", valid.replace(soon, "'iat':" + (now + 86_400))),
                claim("another issuer", valid.replace("issuer.test", "nobody.test")),
                claim("no issuer", valid.replace("'iss':'https://issuer.test',", "")),
                claim("issuer is a number", valid.replace("'https://issuer.test'", "1")),
                claim("subject is a number", valid.replace("'ann'", "1")),
                claim("no subject", valid.replace("'sub':'ann',", "")),
                claim("name is a number", valid.replace("'sub'", "'jti':1,'sub'")),
                claim("another audience", valid.replace("'app'", "'nobody'")),
                claim("several audiences", valid.replace("'app'", "['nobody','app']")),
                claim("no audience", valid.replace("'aud':'app',", "")),
                claim("audience is a number", valid.replace("'app'", "1")),
                claim("audience among numbers", valid.replace("'app'", "['app',1]")),
                claim("audience as an address", valid.replace("'app'", "'http://app'")),
                claim("audience without what addresses have", valid.replace("'app'", "'app.test'")),
                claim("claims that are a list", "[]"),
                claim("claims that are no JSON", "{'iss'"));
    }

    private List<Case> forms() {
        var good = issuer.token(valid);
        var parts = good.split("\\.");
        var foreign = new ArrayList<Case>();
        foreign.add(bearer("RSA", issuer.rsa("{'alg':'RS256','kid':'rsa'}", valid)));
        foreign.add(bearer("RSA without a name of the key", issuer.rsa("{'alg':'RS256'}", valid)));
        foreign.add(bearer("EC without a name of the key", issuer.ec("{'alg':'ES256'}", valid)));
        foreign.add(bearer("name of another key", issuer.ec("{'alg':'ES256','kid':'rsa'}", valid)));
        foreign.add(bearer("name of no key", issuer.ec("{'alg':'ES256','kid':'nobody'}", valid)));
        foreign.add(bearer("name that is a number", issuer.ec("{'alg':'ES256','kid':1}", valid)));
        foreign.add(bearer("no algorithm", issuer.ec("{'kid':'ec'}", valid)));
        foreign.add(bearer("algorithm that is a number", issuer.ec("{'alg':1}", valid)));
        foreign.add(bearer("algorithm none", issuer.ec("{'alg':'none'}", valid)));
        foreign.add(bearer("algorithm of secrets", issuer.ec("{'alg':'HS256','kid':'ec'}", valid)));
        foreign.add(bearer("algorithm of another curve", issuer.ec("{'alg':'ES384','kid':'ec'}", valid)));
        foreign.add(bearer("algorithm of another kind of key", issuer.ec("{'alg':'RS256','kid':'ec'}", valid)));
        foreign.add(bearer("more in the header", issuer.ec("{'alg':'ES256','kid':'ec','typ':'JWT','x':1}", valid)));
        foreign.add(bearer("header that is no JSON", issuer.ec("alg", valid)));
        foreign.add(bearer(
                "signature of something else",
                issuer.token(valid.replace("ann", "bob")).replaceFirst("\\..*\\.", "." + parts[1] + ".")));
        foreign.add(bearer("signature that is cut", good.substring(0, good.length() - 4)));
        foreign.add(bearer("signature that is no base64", parts[0] + "." + parts[1] + ".a"));
        foreign.add(bearer("header that is no base64", "a." + parts[1] + "." + parts[2]));
        foreign.add(bearer("claims that are no base64", parts[0] + ".a." + parts[2]));
        foreign.add(bearer("padded", parts[0] + "=." + parts[1] + "." + parts[2]));
        foreign.add(bearer("two parts", parts[0] + "." + parts[1]));
        foreign.add(bearer("four parts", good + ".x"));
        foreign.add(bearer("empty part", parts[0] + ".." + parts[2]));
        foreign.add(bearer("a word", "word"));
        foreign.add(bearer("nothing", ""));
        return foreign;
    }

    private List<Case> places() {
        var good = issuer.token(valid);
        var other = issuer.token(valid.replace("issuer.test", "other.test"));
        return List.of(
                asked("missing", "GET /local?a=b" + HOST + "\n"),
                asked("missing, HEAD", "HEAD /local" + HOST + "\n"),
                asked("missing, with a body", "POST /local" + HOST + "content-length: 4\n\nbody"),
                asked("missing, gRPC", "POST /local" + HOST + "content-type: application/grpc\ncontent-length: 0\n\n"),
                asked("missing, over a proxy with TLS", "GET /local" + HOST + "x-forwarded-proto: https\n\n"),
                asked("missing, long path", "GET /local/" + "a".repeat(300) + HOST + "\n"),
                asked("bearer in small letters", "GET /local" + HOST + "authorization: bearer " + good + "\n\n"),
                asked("bearer behind another word", "GET /local" + HOST + "authorization: x Bearer " + good + "\n\n"),
                asked("bearer with two spaces", "GET /local" + HOST + "authorization: Bearer  " + good + "\n\n"),
                asked("something behind the token", "GET /local" + HOST + "authorization: Bearer " + good + ",x\n\n"),
                asked("basic", "GET /local" + HOST + "authorization: Basic " + good + "\n\n"),
                asked(
                        "twice",
                        "GET /local" + HOST + "authorization: Bearer " + good + "\nauthorization: Bearer " + good
                                + "\n\n"),
                asked(
                        "good and bad",
                        "GET /local" + HOST + "authorization: Bearer " + good + "\nauthorization: Bearer x\n\n"),
                asked(
                        "bad and good",
                        "GET /local" + HOST + "authorization: Bearer x\nauthorization: Bearer " + good + "\n\n"),
                asked("parameter", "GET /local?a=b&access_token=" + good + "&c=d" + HOST + "\n"),
                asked("only parameter", "GET /local?access_token=" + good + HOST + "\n"),
                asked("parameter twice", "GET /local?access_token=" + good + "&access_token=x" + HOST + "\n"),
                asked(
                        "bad parameter beside a good header",
                        "GET /local?access_token=x" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked(
                        "claims that the client writes",
                        "GET /local" + HOST + "x-claims: forged\nauthorization: Bearer " + good + "\n\n"),
                asked("header of its own", "GET /other" + HOST + "x-token: " + other + "\n\n"),
                asked("header of its own with a prefix", "GET /other" + HOST + "x-prefixed: Token " + other + "\n\n"),
                asked("parameter of its own, kept", "GET /other?t=" + other + HOST + "\n"),
                asked("where another is looked for", "GET /other" + HOST + "authorization: Bearer " + other + "\n\n"),
                asked("any issuer", "GET /anybody" + HOST + "x-anybody: " + other + "\n\n"));
    }

    private List<Case> rules() {
        var good = issuer.token(valid);
        var other = issuer.token(valid.replace("issuer.test", "other.test"));
        var far = issuer.token(valid.replace("issuer.test", "far.test"));
        var special = issuer.token(valid.replace("'app'", "'special'"));
        var bad = issuer.token(valid.replace(soon, "'exp':5"));
        return List.of(
                asked("rule without a demand", "GET /open" + HOST + "\n"),
                asked("no rule", "GET /nothing" + HOST + "\n"),
                asked("filter switched off", "GET /off" + HOST + "\n"),
                asked("rule for one path", "GET /exact?a" + HOST + "\n"),
                asked("rule for one path, another", "GET /exact/a" + HOST + "\n"),
                asked("audience of the rule", "GET /audience" + HOST + "authorization: Bearer " + special + "\n\n"),
                asked("audience of the provider", "GET /audience" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("any of two, the first", "GET /any" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("any of two, the second", "GET /any" + HOST + "x-token: " + other + "\n\n"),
                asked("any of two, none", "GET /any" + HOST + "\n"),
                asked("any of two, one bad", "GET /any" + HOST + "authorization: Bearer " + bad + "\n\n"),
                asked("any of two, other bad", "GET /any" + HOST + "x-token: " + bad + "\n\n"),
                asked(
                        "any of two, one bad, one good",
                        "GET /any" + HOST + "authorization: Bearer " + bad + "\nx-token: " + other + "\n\n"),
                asked(
                        "all of two",
                        "GET /all" + HOST + "authorization: Bearer " + good + "\nx-token: " + other + "\n\n"),
                asked("all of two, one missing", "GET /all" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("may be missing, is", "GET /missing" + HOST + "\n"),
                asked("may be missing, good", "GET /missing" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("may be missing, bad", "GET /missing" + HOST + "authorization: Bearer " + bad + "\n\n"),
                asked("may be missing, nobody's", "GET /missing" + HOST + "x-token: " + good + "\n\n"),
                asked("may be bad, is missing", "GET /lenient" + HOST + "\n"),
                asked("may be bad, is", "GET /lenient" + HOST + "authorization: Bearer " + bad + "\n\n"),
                asked("may be bad, is good", "GET /lenient" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("one or missing, is missing", "GET /either" + HOST + "\n"),
                asked("one or missing, is bad", "GET /either" + HOST + "authorization: Bearer " + bad + "\n\n"),
                asked("one or missing, is good", "GET /either" + HOST + "authorization: Bearer " + good + "\n\n"),
                asked("one or whatever, is bad", "GET /whatever" + HOST + "authorization: Bearer " + bad + "\n\n"),
                asked("keys from afar", "GET /remote" + HOST + "x-remote: " + far + "\n\n"),
                asked("keys from afar, again", "GET /remote" + HOST + "x-remote: " + far + "\n\n"),
                asked("keys from afar, bad token", "GET /remote" + HOST + "x-remote: " + bad + "\n\n"),
                asked("keys that are not there", "GET /nowhere" + HOST + "x-nowhere: " + far + "\n\n"),
                asked(
                        "browser asks what it may send",
                        "OPTIONS /local" + HOST + "origin: https://web.test\naccess-control-request-method: GET\n\n"),
                asked("options without a question", "OPTIONS /local" + HOST + "\n"));
    }

    /** Comes last, when all cases have counted. */
    private Case counted() {
        return Case.of("token: counters", main -> {
            var stats = filters.of(main.side()).sidecar().get("/stats?filter=jwt_authn");
            var answer = Answer.empty();
            for (var line : (Iterable<String>) stats.lines()::iterator) {
                // ours remembers no tokens, and Envoy makes counters before they count
                if (line.contains(": ") && !line.contains("jwt_cache") && !line.endsWith(": 0")) {
                    answer = answer.with(line.split(": ", 2)[0], line.split(": ", 2)[1]);
                }
            }
            return answer;
        });
    }
}
