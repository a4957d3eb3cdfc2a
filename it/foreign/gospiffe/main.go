// SPDX-License-Identifier: Apache-2.0

// Fetches everything that the Workload API has with go-spiffe, has go-spiffe verify it, and prints what it saw as JSON.
// The address comes from SPIFFE_ENDPOINT_SOCKET.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
	"github.com/spiffe/go-spiffe/v2/workloadapi"
)

const audience = "somebody"

type seen struct {
	X509ID          string `json:"x509_id"`
	X509Authorities int    `json:"x509_authorities"`
	JWTID           string `json:"jwt_id"`
	JWTAuthorities  int    `json:"jwt_authorities"`
	ValidatedByAPI  string `json:"validated_by_api"`
}

func main() {
	result, err := look()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	_ = json.NewEncoder(os.Stdout).Encode(result)
}

func look() (*seen, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	client, err := workloadapi.New(ctx)
	if err != nil {
		return nil, err
	}
	defer client.Close()

	x509, err := client.FetchX509Context(ctx)
	if err != nil {
		return nil, fmt.Errorf("x509 context: %w", err)
	}
	svid := x509.DefaultSVID()
	id, _, err := x509svid.Verify(svid.Certificates, x509.Bundles)
	if err != nil {
		return nil, fmt.Errorf("x509-svid: %w", err)
	}
	x509Bundles, err := client.FetchX509Bundles(ctx)
	if err != nil {
		return nil, fmt.Errorf("x509 bundles: %w", err)
	}
	x509Bundle, err := x509Bundles.GetX509BundleForTrustDomain(id.TrustDomain())
	if err != nil {
		return nil, err
	}

	token, err := client.FetchJWTSVID(ctx, jwtsvid.Params{Audience: audience})
	if err != nil {
		return nil, fmt.Errorf("jwt-svid: %w", err)
	}
	jwtBundles, err := client.FetchJWTBundles(ctx)
	if err != nil {
		return nil, fmt.Errorf("jwt bundles: %w", err)
	}
	validated, err := jwtsvid.ParseAndValidate(token.Marshal(), jwtBundles, []string{audience})
	if err != nil {
		return nil, fmt.Errorf("jwt-svid is not valid: %w", err)
	}
	byAPI, err := client.ValidateJWTSVID(ctx, token.Marshal(), audience)
	if err != nil {
		return nil, fmt.Errorf("the workload api finds the token invalid: %w", err)
	}
	jwtBundle, err := jwtBundles.GetJWTBundleForTrustDomain(id.TrustDomain())
	if err != nil {
		return nil, err
	}
	return &seen{
		X509ID:          id.String(),
		X509Authorities: len(x509Bundle.X509Authorities()),
		JWTID:           validated.ID.String(),
		JWTAuthorities:  len(jwtBundle.JWTAuthorities()),
		ValidatedByAPI:  byAPI.ID.String(),
	}, nil
}
