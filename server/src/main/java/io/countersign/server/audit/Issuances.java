// SPDX-License-Identifier: Apache-2.0
package io.countersign.server.audit;

import com.google.gson.JsonParser;
import io.countersign.launch.Excerpt;
import io.countersign.server.audit.Act.Item;
import io.countersign.serverapi.agent.AttestAgentRequest;
import io.countersign.serverapi.agent.AttestAgentResponse;
import io.countersign.serverapi.agent.RenewAgentRequest;
import io.countersign.serverapi.agent.RenewAgentResponse;
import io.countersign.serverapi.svid.BatchNewX509SVIDRequest;
import io.countersign.serverapi.svid.BatchNewX509SVIDResponse;
import io.countersign.serverapi.svid.MintJWTSVIDRequest;
import io.countersign.serverapi.svid.MintJWTSVIDResponse;
import io.countersign.serverapi.svid.MintX509SVIDRequest;
import io.countersign.serverapi.svid.MintX509SVIDResponse;
import io.countersign.serverapi.svid.NewDownstreamX509CARequest;
import io.countersign.serverapi.svid.NewDownstreamX509CAResponse;
import io.countersign.serverapi.svid.NewJWTSVIDRequest;
import io.countersign.serverapi.svid.NewJWTSVIDResponse;
import io.countersign.serverapi.types.JWTSVID;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/** What is signed: to whom, and by which authority. Of a certificate the serial number is said, of a token its id if it has one. */
final class Issuances {
    private static final String SVID = "spire.api.server.svid.v1.SVID/";
    private static final String AGENT = "spire.api.server.agent.v1.Agent/";
    private static final int LONGEST_ATTESTOR = 128;

    private Issuances() {}

    static void addTo(Map<String, Act<?, ?>> methods) {
        methods.put(
                SVID + "MintX509SVID",
                new Act<>(
                        "x509_svid.mint",
                        false,
                        MintX509SVIDRequest.class,
                        MintX509SVIDResponse.class,
                        request -> List.of(About.nothing()),
                        (request, answer) -> done(new About().svid(answer.getSvid()))));
        methods.put(
                SVID + "MintJWTSVID",
                new Act<>(
                        "jwt_svid.mint",
                        false,
                        MintJWTSVIDRequest.class,
                        MintJWTSVIDResponse.class,
                        request -> List.of(new About()
                                .id("spiffe_id", request.hasId(), request.getId())
                                .with("audience", request.getAudienceList())
                                .values()),
                        (request, answer) -> done(
                                token(new About(), answer.getSvid()).with("audience", request.getAudienceList()))));
        methods.put(
                SVID + "BatchNewX509SVID",
                new Act<>(
                        "x509_svid.issue",
                        false,
                        BatchNewX509SVIDRequest.class,
                        BatchNewX509SVIDResponse.class,
                        request -> request.getParamsList().stream()
                                .map(one -> About.only("entry_id", one.getEntryId()))
                                .toList(),
                        Issuances::batch));
        methods.put(
                SVID + "NewJWTSVID",
                new Act<>(
                        "jwt_svid.issue",
                        false,
                        NewJWTSVIDRequest.class,
                        NewJWTSVIDResponse.class,
                        request -> List.of(new About()
                                .with("entry_id", request.getEntryId())
                                .with("audience", request.getAudienceList())
                                .values()),
                        (request, answer) ->
                                done(token(new About().with("entry_id", request.getEntryId()), answer.getSvid())
                                        .with("audience", request.getAudienceList()))));
        methods.put(
                SVID + "NewDownstreamX509CA",
                new Act<>(
                        "x509_ca.issue",
                        false,
                        NewDownstreamX509CARequest.class,
                        NewDownstreamX509CAResponse.class,
                        request -> List.of(About.nothing()),
                        (request, answer) -> done(new About().certificate(answer.getCaCertChain(0)))));
        methods.put(
                AGENT + "AttestAgent",
                new Act<>(
                        "node.attest",
                        false,
                        AttestAgentRequest.class,
                        AttestAgentResponse.class,
                        request -> List.of(About.only("attestor", attestorName(request))),
                        (request, answer) -> answer.hasResult()
                                ? done(new About()
                                        .with("attestor", attestorName(request))
                                        .svid(answer.getResult().getSvid()))
                                // a challenge: nothing is decided yet
                                : List.of()));
        methods.put(
                AGENT + "RenewAgent",
                new Act<>(
                        "node.renew",
                        false,
                        RenewAgentRequest.class,
                        RenewAgentResponse.class,
                        request -> List.of(About.nothing()),
                        (request, answer) -> done(new About().svid(answer.getSvid()))));
    }

    /** Whatever a stranger calls it. */
    private static String attestorName(AttestAgentRequest request) {
        return Excerpt.of(request.getParams().getData().getType(), LONGEST_ATTESTOR);
    }

    private static List<Item> batch(BatchNewX509SVIDRequest request, BatchNewX509SVIDResponse answer) {
        var items = new ArrayList<Item>();
        for (int i = 0; i < answer.getResultsCount(); i++) {
            var result = answer.getResults(i);
            var about = new About().with("entry_id", request.getParams(i).getEntryId());
            if (result.hasSvid()) {
                about.svid(result.getSvid());
            }
            items.add(Item.of(result.getStatus(), about.values()));
        }
        return items;
    }

    private static About token(About about, JWTSVID svid) {
        var parts = svid.getToken().split("\\.", -1);
        return about.id("spiffe_id", svid.hasId(), svid.getId())
                .with("authority_id", member(parts[0], "kid"))
                .with("token_id", member(parts[1], "jti"))
                .time("expires_at", svid.getExpiresAt());
    }

    /** Of one part of a token that was signed here a moment ago. */
    private static String member(String part, String name) {
        var json = new String(Base64.getUrlDecoder().decode(part), StandardCharsets.UTF_8);
        var value = JsonParser.parseString(json).getAsJsonObject().get(name);
        return value == null ? "" : value.getAsString();
    }

    private static List<Item> done(About about) {
        return List.of(Item.done(about.values()));
    }
}
