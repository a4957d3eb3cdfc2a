// SPDX-License-Identifier: Apache-2.0

//! Fetches everything that the Workload API has with rust-spiffe, validates it, and prints what it saw as JSON.
//! The address comes from SPIFFE_ENDPOINT_SOCKET.

use std::{error::Error, time::Duration};

use spiffe::{JwtSvid, WorkloadApiClient, X509Bundle, X509Svid};
use x509_parser::prelude::{FromDer, X509Certificate};

const AUDIENCE: &str = "somebody";

fn signed_by(svid: &X509Svid, bundle: &X509Bundle) -> bool {
    let Ok((_, leaf)) = X509Certificate::from_der(svid.leaf().as_bytes()) else {
        return false;
    };
    bundle.authorities().iter().any(|authority| {
        X509Certificate::from_der(authority.as_bytes())
            .is_ok_and(|(_, issuer)| leaf.verify_signature(Some(issuer.public_key())).is_ok())
    })
}

async fn look() -> Result<serde_json::Value, Box<dyn Error>> {
    let client = WorkloadApiClient::connect_env().await?;
    let svid = client.fetch_x509_svid().await?;
    let domain = svid.spiffe_id().trust_domain().clone();
    let x509_bundles = client.fetch_x509_bundles().await?;
    let x509_bundle = x509_bundles.get(&domain).ok_or("no x509 bundle")?;
    if !signed_by(&svid, &x509_bundle) {
        return Err("the x509-svid is signed by none of its bundle's authorities".into());
    }
    let token = client.fetch_jwt_svid([AUDIENCE], None).await?;
    let jwt_bundles = client.fetch_jwt_bundles().await?;
    let jwt_bundle = jwt_bundles.get(&domain).ok_or("no jwt bundle")?;
    let validated = JwtSvid::parse_and_validate(token.token(), &jwt_bundles, &[AUDIENCE])?;
    let by_api = client.validate_jwt_token(AUDIENCE, token.token()).await?;
    Ok(serde_json::json!({
        "x509_id": svid.spiffe_id().to_string(),
        "x509_authorities": x509_bundle.authorities().len(),
        "jwt_id": validated.spiffe_id().to_string(),
        "jwt_authorities": jwt_bundle.jwt_authorities().count(),
        "validated_by_api": by_api.spiffe_id().to_string(),
    }))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    println!("{}", tokio::time::timeout(Duration::from_secs(20), look()).await??);
    Ok(())
}
