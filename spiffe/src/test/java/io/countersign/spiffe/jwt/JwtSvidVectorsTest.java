// SPDX-License-Identifier: Apache-2.0
package io.countersign.spiffe.jwt;

import static io.countersign.spiffe.jwt.Tokens.HEADER;
import static io.countersign.spiffe.jwt.Tokens.base64;
import static io.countersign.spiffe.jwt.Tokens.body;
import static io.countersign.spiffe.jwt.Tokens.claims;
import static io.countersign.spiffe.jwt.Tokens.in;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * JWT-SVID sections 2 to 4 on one token a rule. Where the standard leaves a choice (unknown header members, a line feed at
 * the end, an expiry beyond all calendars) the stricter one is taken; a future {@code iat} is no limit.
 */
class JwtSvidVectorsTest {
    private static final Tokens MAKE = new Tokens();
    private static final String WEB = "spiffe://example.org/web";
    private static final String AUD = "[\"aud1\"]";
    private static final String SOON = in(300);

    private static Arguments accepted(String number, String token) {
        return arguments(number, true, token);
    }

    private static Arguments refused(String number, String token) {
        return arguments(number, false, token);
    }

    private static String header(String more) {
        return MAKE.plain("{\"alg\":\"ES256\",\"kid\":\"ec\"," + more + "}", claims());
    }

    private static String claimed(String aud, String exp, String more) {
        return MAKE.plain(HEADER, claims(WEB, aud, exp, more));
    }

    private static String subject(String sub) {
        return MAKE.plain(HEADER, claims(sub, AUD, SOON, ""));
    }

    private static String rsa(String alg, String jca) {
        return MAKE.signed("{\"alg\":\"" + alg + "\",\"kid\":\"rsa\"}", claims(), MAKE.rsa.getPrivate(), jca);
    }

    static Stream<Arguments> algorithms() {
        var ec = MAKE.ec.getPrivate();
        var p1363 = "SHA256withECDSAinP1363Format";
        return Stream.of(
                accepted("J-01", MAKE.plain(HEADER, claims())),
                accepted(
                        "J-02",
                        MAKE.signed(
                                "{\"alg\":\"ES384\",\"kid\":\"ec384\"}",
                                claims(),
                                MAKE.ec384.getPrivate(),
                                "SHA384withECDSAinP1363Format")),
                accepted("J-04", rsa("RS256", "SHA256withRSA")),
                accepted("J-05", rsa("PS256", "PSSSHA-256")),
                accepted("J-06", rsa("RS384", "SHA384withRSA")),
                accepted("J-08", rsa("RS512", "SHA512withRSA")),
                accepted("J-09", rsa("PS512", "PSSSHA-512")),
                refused(
                        "J-10",
                        MAKE.signed(
                                "{\"alg\":\"RS256\",\"kid\":\"weak\"}",
                                claims(),
                                MAKE.weak.getPrivate(),
                                "SHA256withRSA")),
                refused("J-12", body("{\"alg\":\"None\",\"kid\":\"ec\"}", claims()) + "."),
                refused("J-12 none", body("{\"alg\":\"none\",\"kid\":\"ec\"}", claims()) + "."),
                refused("J-13", MAKE.confused()),
                // a bundle cannot even hold a key of that type
                refused(
                        "J-14",
                        MAKE.signed("{\"alg\":\"EdDSA\",\"kid\":\"ec\"}", claims(), Tokens.ed25519(), "Ed25519")),
                refused("J-16", MAKE.plain("{\"alg\":\"es256\",\"kid\":\"ec\"}", claims())),
                refused("J-17", MAKE.plain("{\"kid\":\"ec\"}", claims())),
                refused("J-18", MAKE.plain("{\"alg\":\"RS256\",\"kid\":\"ec\"}", claims())),
                refused("J-20", MAKE.signed(HEADER, claims(), ec, "SHA256withECDSA")),
                refused("J-21", body(HEADER, claims()) + "." + base64(new byte[64])),
                accepted("J-22", MAKE.plain("{\"alg\":\"ES256\"}", claims())),
                refused("J-24", MAKE.plain("{\"alg\":\"ES256\",\"kid\":\"nobody\"}", claims())),
                refused("J-25", MAKE.signed("{\"alg\":\"ES256\",\"kid\":\"ec384\"}", claims(), ec, p1363)),
                refused("J-93", flipped()));
    }

    private static String flipped() {
        var body = body(HEADER, claims());
        var signature = Tokens.sign(body, MAKE.ec.getPrivate(), "SHA256withECDSAinP1363Format");
        signature[10] ^= 1;
        return body + "." + base64(signature);
    }

    static Stream<Arguments> headers() {
        return Stream.of(
                accepted("J-26", header("\"typ\":\"JWT\"")),
                refused("J-28", header("\"typ\":\"jwt\"")),
                refused("J-29", header("\"typ\":\"at+jwt\"")),
                refused("J-30", header("\"typ\":\"wit+jwt\"")),
                refused("J-32", header("\"typ\":\"application/jwt\"")),
                refused("J-33", header("\"typ\":1")),
                refused("J-34", header("\"jku\":\"https://example.org/keys\"")),
                refused("J-36", header("\"x5u\":\"https://example.org/chain\"")),
                refused("J-37", header("\"cty\":\"JWT\"")),
                refused("J-38", header("\"foo\":\"bar\"")),
                refused("J-40", header("\"crit\":[]")),
                refused("J-41", header("\"crit\":[\"exp\"]")),
                refused("J-42", header("\"b64\":false,\"crit\":[\"b64\"]")),
                refused("J-44", header("\"x5t\":\"AAAA\"")),
                refused("J-45", header("\"alg\":\"ES256\"")));
    }

    static Stream<Arguments> claimSets() {
        var minuteAgo = in(-60);
        return Stream.of(
                refused("J-46", claimed(AUD, SOON, ",\"sub\":\"" + WEB + "\"")),
                refused("J-48", claimed("[]", SOON, "")),
                refused("J-49", claimed("\"\"", SOON, "")),
                refused("J-50", claimed("null", SOON, "")),
                accepted("J-52", claimed("\"aud1\"", SOON, "")),
                refused("J-53", claimed("[\"aud2\"]", SOON, "")),
                accepted("J-54", claimed("[\"aud2\",\"aud1\"]", SOON, "")),
                refused("J-56", claimed("[\"aud\"]", SOON, "")),
                refused("J-57", MAKE.plain(HEADER, "{\"sub\":\"" + WEB + "\",\"aud\":[\"aud1\"]}")),
                refused("J-58", claimed(AUD, in(-300), "")),
                refused("J-60", claimed(AUD, "\"" + SOON + "\"", "")),
                accepted("J-61", claimed(AUD, SOON + ".5", "")),
                accepted("J-62", claimed(AUD, "4e9", "")),
                refused("J-64", claimed(AUD, "0", "")),
                refused("J-65", claimed(AUD, "-1", "")),
                refused("J-66", claimed(AUD, "1e300", "")),
                refused("J-68", claimed(AUD, SOON, ",\"nbf\":" + in(200))),
                accepted("J-69", claimed(AUD, SOON, ",\"iat\":" + in(200))),
                accepted("J-70", claimed(AUD, SOON, ",\"iat\":" + minuteAgo + ",\"roles\":[\"a\"],\"n\":{\"m\":1}")),
                refused("J-72", subject("")),
                refused("J-73", subject("https://example.org/web")),
                refused("J-74", MAKE.plain(HEADER, "{\"sub\":1,\"aud\":[\"aud1\"],\"exp\":" + SOON + "}")),
                refused("J-76", subject(WEB + "/")),
                refused("J-77", subject("spiffe://other.org/web")),
                refused("J-78", subject("spiffe://unknown.org/web")),
                refused("J-80", MAKE.plain(HEADER, "[]")),
                refused("J-81", MAKE.plain(HEADER, "no json")),
                accepted(
                        "J-82",
                        MAKE.signed(
                                "{\"alg\":\"ES256\",\"kid\":\"other\"}",
                                claims("spiffe://other.org/web", AUD, SOON, ""),
                                MAKE.other.getPrivate(),
                                "SHA256withECDSAinP1363Format")));
    }

    static Stream<Arguments> shapes() {
        var good = MAKE.plain(HEADER, claims());
        var signature = good.substring(good.lastIndexOf('.') + 1);
        return Stream.of(
                refused("J-84", good + ".AAAA"),
                refused("J-85", good + ".AAAA.AAAA"),
                refused("J-86", body(HEADER, claims()) + "."),
                refused("J-88", good + "\n"),
                refused("J-89", good + "=="),
                refused("J-90", good.replace(signature, "+/" + signature.substring(2))),
                refused("J-92", "Bearer " + good),
                refused("J-94", ""),
                refused("J-94 dots", ".."),
                refused(
                        "not utf-8",
                        base64(new byte[] {(byte) 0xff}) + "." + base64("{}".getBytes(StandardCharsets.UTF_8)) + "."
                                + signature));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource({"algorithms", "headers", "claimSets", "shapes"})
    void theTokenIsJudgedAsTheStandardSays(String number, boolean accepted, String token) {
        judge(number, accepted, token, Set.of("aud1"));
    }

    /** A validator with two names is meant by a token that names either of them. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("audiences")
    void oneOfTheValidatorsNamesSuffices(String number, boolean accepted, String token) {
        judge(number, accepted, token, Set.of("aud1", "aud2"));
    }

    static Stream<Arguments> audiences() {
        return Stream.of(
                accepted("J-96 first", claimed(AUD, SOON, "")),
                accepted("J-96 second", claimed("\"aud2\"", SOON, "")),
                accepted("J-97", claimed("[\"aud1\",\"aud2\"]", SOON, "")),
                refused("neither", claimed("[\"aud3\"]", SOON, "")));
    }

    private static void judge(String number, boolean accepted, String token, Set<String> audiences) {
        if (accepted) {
            assertDoesNotThrow(() -> JwtSvid.parseAndValidate(token, MAKE.bundles(), audiences, Tokens.NOW), number);
        } else {
            assertThrows(
                    JwtSvidException.class,
                    () -> JwtSvid.parseAndValidate(token, MAKE.bundles(), audiences, Tokens.NOW),
                    number);
        }
    }
}
